import type { Baseline, Control, EvaluationPage, Fleet, Pooled, Suspensions } from '../../adapters/report/evaluation';
import {
  defaultEvaluation,
  type EvaluatedStream,
  type EvaluationOptions,
  type EvaluationReport,
  type FalseAlert,
  fleetExcess,
  score,
  type TheftLabel,
} from '../../evaluate';
import { finds, judgedFrom, judgedLabels } from '../../evaluate/judge';
import type { Known } from './inputs';
import { alertId, type Observed } from './observe';

/** One stream after its pass. */
export interface Seen {
  readonly name: string;
  readonly observed: Observed;
  readonly known: Known;
  /** The thief's requests, where they are known. */
  readonly attack: readonly { readonly key: string; readonly ts: number }[] | undefined;
  /** The same traffic without incidents. */
  readonly plain: Observed | undefined;
}

const MOST_SHOWN = 20;
/** The rules beside need no finer intervals. */
const BASELINE_RESAMPLES = 200;

/** Streams with thefts are pooled under one threshold; those without are controls, each by itself. */
export function judgeAll(
  streams: readonly Seen[],
  seed: number,
  budget: number | undefined,
): Pick<EvaluationPage, 'pooled' | 'controls' | 'choice'> {
  const labelled = streams.filter((s) => judgedLabels(evaluated(s), defaultEvaluation).length > 0);
  const controls = streams.filter((s) => !labelled.includes(s)).map((s) => controlOf(s, seed));
  const pooled = labelled.length === 0 ? undefined : pool(labelled, seed, budget);
  if (pooled === undefined || budget === undefined) return { pooled, controls, choice: undefined };
  const report = pooled.report.budgets.find((point) => point.budget === budget)!;
  const risk = Number.isFinite(report.threshold) ? report.threshold : undefined;
  return { pooled, controls, choice: { budget, risk, report, measured: undefined } };
}

function pool(streams: readonly Seen[], seed: number, budget: number | undefined): Pooled {
  const budgets = [...new Set([...defaultEvaluation.budgets, ...(budget === undefined ? [] : [budget])])].sort(
    (a, b) => a - b,
  );
  const report = score(streams.map(evaluated), { seed, budgets });
  return {
    streams: streams.map((s) => s.name),
    events: streams.reduce((sum, s) => sum + s.observed.events, 0),
    report,
    baselines: baselinesOf(streams, { seed, budgets, resamples: BASELINE_RESAMPLES }),
    suspensions: addUp(streams.map(suspensionsOf)),
    worst: worstOf(report, streams),
    fleet: streams.flatMap((s) => fleetOf(s, report.falseAlerts.filter((a) => a.stream === s.name).length, seed) ?? []),
  };
}

function baselinesOf(streams: readonly Seen[], options: Partial<EvaluationOptions>): Baseline[] {
  return [...streams[0]!.observed.baselines.keys()].map((name) => {
    const alerting = streams.map(
      (s): EvaluatedStream => ({ ...evaluated(s), alerts: s.observed.baselines.get(name)!, candidates: undefined }),
    );
    return { name, report: score(alerting, options) };
  });
}

/** What is measured of the streams with thefts at the policy they were run with. */
export function measure(streams: readonly Seen[], seed: number): NonNullable<EvaluationPage['choice']>['measured'] {
  const all = streams.map((s) => ({ ...evaluated(s), candidates: undefined }));
  return score(
    all.filter((s) => judgedLabels(s, defaultEvaluation).length > 0),
    { seed },
  );
}

function controlOf(stream: Seen, seed: number): Control {
  const report = score([evaluated(stream)], { seed });
  return {
    stream: stream.name,
    events: stream.observed.events,
    report,
    baselines: baselinesOf([stream], { seed, resamples: 0 }),
    suspensions: suspensionsOf(stream),
    worst: worstOf(report, [stream]),
    fleet: fleetOf(stream, report.falseAlerts.length, seed),
  };
}

function evaluated({ name, observed, known, attack }: Seen): EvaluatedStream {
  const { alerts, candidates, keys, start, end } = observed;
  return { name, alerts, candidates, labels: known.labels, newcomers: known.newcomers, attack, start, end, keys };
}

function worstOf(report: EvaluationReport, streams: readonly Seen[]): Pooled['worst'] {
  const documentOf = (alert: FalseAlert) =>
    streams.find((s) => s.name === alert.stream)?.observed.documents.get(alertId(alert));
  return report.falseAlerts.slice(0, MOST_SHOWN).map((alert) => ({ ...alert, document: documentOf(alert) }));
}

function suspensionsOf(seen: Seen): Suspensions {
  const stream = evaluated(seen);
  const from = judgedFrom(stream, defaultEvaluation);
  const labels = judgedLabels(stream, defaultEvaluation);
  const found = new Set<TheftLabel>();
  const falseKeys = new Set<string>();
  let falseRequests = 0;
  for (const { key, ts } of seen.observed.asked) {
    if (ts < from) continue;
    const hits = labels.filter((label) => finds({ key, ts, score: 0 }, label, defaultEvaluation));
    for (const label of hits) found.add(label);
    if (hits.length > 0) continue;
    falseRequests++;
    falseKeys.add(key);
  }
  return { thefts: found.size, falseRequests, falseKeys: falseKeys.size };
}

function addUp(parts: readonly Suspensions[]): Suspensions {
  const sum = (pick: (s: Suspensions) => number) => parts.reduce((total, part) => total + pick(part), 0);
  return {
    thefts: sum((s) => s.thefts),
    falseRequests: sum((s) => s.falseRequests),
    falseKeys: sum((s) => s.falseKeys),
  };
}

function fleetOf(seen: Seen, falseAlerts: number, seed: number): Fleet | undefined {
  const { plain, observed, known } = seen;
  if (plain === undefined) return undefined;
  const { alerts, keys, start, end } = plain;
  const without = score([{ name: 'plain', alerts, labels: known.labels, newcomers: [], start, end, keys }], {
    seed,
    resamples: 0,
  });
  return {
    stream: seen.name,
    windows: fleetExcess(observed.alerts, alerts, known.windows),
    falseAlerts,
    plainFalseAlerts: without.falseAlerts.length,
  };
}
