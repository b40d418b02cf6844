import type { AlertDocument } from '../domain/alert';
import { judge } from '../evaluate/judge';
import { DAY, defaultEvaluation, type EvaluationOptions } from '../evaluate/types';
import type { Newcomer } from '../simulate/fleet';
import type { TheftKind } from '../simulate/kinds';
import type { TheftLabel } from '../simulate/simulate';

export interface DemoResult {
  readonly alerts: readonly AlertDocument[];
  readonly labels: readonly TheftLabel[];
  readonly newcomers: readonly Newcomer[];
  /** The thieves' requests, as they went by. */
  readonly stolen: readonly { readonly key: string; readonly ts: number }[];
  /** Span of the simulation, milliseconds UTC. */
  readonly start: number;
  readonly end: number;
  readonly keys: readonly string[];
  readonly quietShare: number;
}

export interface TheftRow {
  readonly kind: TheftKind;
  readonly key: string;
  readonly country: string;
  readonly found: boolean;
  /** The thief's requests up to and including the alert; undefined when missed. */
  readonly requests: number | undefined;
  /** Event time from the thief's first request to the alert, milliseconds; undefined when missed. */
  readonly delayMs: number | undefined;
  /** All of the thief's requests. */
  readonly of: number;
}

export interface DemoScore {
  /** By the time of the theft. */
  readonly thefts: readonly TheftRow[];
  readonly found: number;
  /** At most one a key in 24 hours. */
  readonly falseAlerts: number;
  readonly falseKeys: number;
  /** How many of the false alerts were about a harmless newcomer. */
  readonly atNewcomers: number;
  /** Harmless newcomers in the judged time. */
  readonly newcomers: number;
  readonly keyDays: number;
  /** Alerts in the quiet time before judging began, while baselines formed. */
  readonly early: number;
}

/**
 * Scores the demo by the rule of labelled data: a theft is found when an alert (`event.kind: alert` with a key) for its
 * key lies in [start, windowEnd + 1 h]; every other alert is false, one a key in 24 hours; the quiet share of the time
 * is not judged.
 */
export function scoreDemo(result: DemoResult): DemoScore {
  const { labels, start, end, keys, newcomers, stolen } = result;
  const options: EvaluationOptions = { ...defaultEvaluation, warmup: result.quietShare };
  const from = start + (end - start) * result.quietShare;
  const alerts = result.alerts.flatMap((a) =>
    a.event.kind === 'alert' && a.user !== undefined
      ? [{ key: a.user.id, ts: Date.parse(a['@timestamp']), score: a.event.risk_score }]
      : [],
  );
  const judgement = judge(
    {
      name: 'demo',
      alerts,
      labels: labels.map((l) => ({ ...l, start: Date.parse(l.start), windowEnd: Date.parse(l.windowEnd) })),
      newcomers: newcomers.map((n) => ({ key: n.key, first: n.at, last: n.at + DAY })),
      attack: stolen,
      start,
      end,
      keys,
    },
    options,
  );
  const thefts = labels.map((label): TheftRow => {
    const begin = Date.parse(label.start);
    const judged = judgement.thefts.find((t) => t.key === label.key && t.start === begin);
    return {
      kind: label.kind,
      key: label.key,
      country: label.thief.country,
      found: judged?.foundAt !== undefined,
      requests: judged?.requests,
      delayMs: judged?.foundAt === undefined ? undefined : judged.foundAt - begin,
      of: label.events,
    };
  });
  return {
    thefts,
    found: thefts.filter((t) => t.found).length,
    falseAlerts: judgement.falseAlerts.length,
    falseKeys: new Set(judgement.falseAlerts.map((a) => a.key)).size,
    atNewcomers: judgement.falseAlerts.filter((a) => a.atNewcomer).length,
    newcomers: newcomers.filter((n) => n.at >= from).length,
    keyDays: (keys.length * (end - from)) / DAY,
    early: alerts.filter((a) => a.ts < from).length,
  };
}
