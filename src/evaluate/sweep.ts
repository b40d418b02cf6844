import { finds, incidentStarts, judgedFrom, judgedLabels } from './judge';
import type { CurvePoint, EvaluatedStream, EvaluationOptions, ScoredAlert } from './types';

/** What lowering the threshold to `score` adds, for one key. */
export interface Step {
  readonly score: number;
  readonly key: string;
  readonly found: number;
  readonly falseAlerts: number;
}

/** How often each key counts; absent keys count 0. Without weights every key counts once. */
export type KeyWeights = ReadonlyMap<string, number>;

/**
 * All steps of the sweep over several streams, highest score first. A key that occurs in several streams is one key
 * with several histories: thefts and incidents are counted in each stream apart.
 */
export function sweep(streams: readonly EvaluatedStream[], options: EvaluationOptions): Step[] {
  const steps = streams.flatMap((stream) => streamSteps(stream, options));
  return steps.sort((a, b) => b.score - a.score);
}

function streamSteps(stream: EvaluatedStream, options: EvaluationOptions): Step[] {
  const from = judgedFrom(stream, options);
  const labels = judgedLabels(stream, options);
  const open = new Set(labels);
  const falseTimes = new Map<string, number[]>();
  const counted = new Map<string, number>();
  const steps: Step[] = [];
  const candidates = (stream.candidates ?? stream.alerts).filter((c) => c.ts >= from);
  for (const candidate of candidates.sort((a, b) => b.score - a.score || a.ts - b.ts)) {
    const hits = labels.filter((label) => finds(candidate, label, options));
    if (hits.length > 0) {
      const found = hits.filter((label) => open.delete(label)).length;
      if (found > 0) steps.push({ score: candidate.score, key: candidate.key, found, falseAlerts: 0 });
      continue;
    }
    const added = addFalse(falseTimes, counted, candidate, options.incidentMs);
    if (added > 0) steps.push({ score: candidate.score, key: candidate.key, found: 0, falseAlerts: added });
  }
  return steps;
}

function addFalse(
  times: Map<string, number[]>,
  counted: Map<string, number>,
  { key, ts }: ScoredAlert,
  incidentMs: number,
): number {
  let list = times.get(key);
  if (list === undefined) {
    list = [];
    times.set(key, list);
  }
  let i = list.length;
  while (i > 0 && list[i - 1]! > ts) i--;
  list.splice(i, 0, ts);
  const before = counted.get(key) ?? 0;
  const now = incidentStarts(list, incidentMs).length;
  counted.set(key, now);
  return now - before;
}

/** One point per distinct threshold, highest first. */
export function curve(steps: readonly Step[], thefts: number, keyDays: number, weights?: KeyWeights): CurvePoint[] {
  const points: CurvePoint[] = [];
  let found = 0;
  let falseAlerts = 0;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    const weight = weights === undefined ? 1 : (weights.get(step.key) ?? 0);
    found += weight * step.found;
    falseAlerts += weight * step.falseAlerts;
    if (steps[i + 1]?.score === step.score) continue;
    points.push({
      threshold: step.score,
      found,
      falseAlerts,
      recall: thefts > 0 ? found / thefts : 0,
      precision: found + falseAlerts > 0 ? found / (found + falseAlerts) : 0,
      falseRate: keyDays > 0 ? (1000 * falseAlerts) / keyDays : 0,
    });
  }
  return points;
}

const nothing: CurvePoint = {
  threshold: Number.POSITIVE_INFINITY,
  found: 0,
  falseAlerts: 0,
  recall: 0,
  precision: 0,
  falseRate: 0,
};

/** The point with the lowest threshold whose false rate keeps the budget. */
export function atBudget(points: readonly CurvePoint[], budget: number): CurvePoint {
  let best = nothing;
  for (const point of points) {
    if (point.falseRate > budget) break;
    best = point;
  }
  return best;
}
