import { finds, incidentStarts, judgedFrom, judgedLabels } from './judge';
import type { CurvePoint, EvaluatedStream, EvaluationOptions, ScoredAlert, TheftLabel } from './types';

/** What lowering the threshold to `score` adds, for one key; less than nothing where an alert becomes an update. */
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

/** A candidate becomes an alert when the threshold comes down to its score, and an update at its `above`. */
interface Change {
  readonly score: number;
  readonly candidate: ScoredAlert;
  readonly by: 1 | -1;
}

function streamSteps(stream: EvaluatedStream, options: EvaluationOptions): Step[] {
  const from = judgedFrom(stream, options);
  const labels = judgedLabels(stream, options);
  const hits = new Map<TheftLabel, number>();
  const falseTimes = new Map<string, number[]>();
  const counted = new Map<string, number>();
  const steps: Step[] = [];
  for (const { score, candidate, by } of changesOf(stream, from)) {
    const { key, ts } = candidate;
    let found = 0;
    let falseAlerts = 0;
    const about = labels.filter((label) => finds(candidate, label, options));
    for (const label of about) {
      const before = hits.get(label) ?? 0;
      hits.set(label, before + by);
      found += Math.sign(before + by) - Math.sign(before);
    }
    if (about.length === 0) {
      const times = falseTimes.get(key) ?? [];
      falseTimes.set(key, times);
      if (by > 0) insert(times, ts);
      else times.splice(times.indexOf(ts), 1);
      const now = incidentStarts(times, options.incidentMs).length;
      falseAlerts = now - (counted.get(key) ?? 0);
      counted.set(key, now);
    }
    if (found !== 0 || falseAlerts !== 0) steps.push({ score, key, found, falseAlerts });
  }
  return steps;
}

/** Highest threshold first; at one threshold, alerts come before they go. */
function changesOf(stream: EvaluatedStream, from: number): Change[] {
  const changes: Change[] = [];
  for (const candidate of stream.candidates ?? stream.alerts) {
    const { ts, score, above } = candidate;
    if (ts < from) continue;
    changes.push({ score, candidate, by: 1 });
    if (above !== undefined && above < score) changes.push({ score: above, candidate, by: -1 });
  }
  return changes.sort((a, b) => b.score - a.score || b.by - a.by || a.candidate.ts - b.candidate.ts);
}

function insert(times: number[], ts: number): void {
  let i = times.length;
  while (i > 0 && times[i - 1]! > ts) i--;
  times.splice(i, 0, ts);
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
