import type {
  EvaluatedStream,
  EvaluationOptions,
  FalseAlert,
  Newcomer,
  ScoredAlert,
  TheftLabel,
  TheftResult,
} from './types';
import { DAY } from './types';

/** First moment of a stream that is judged. */
export function judgedFrom(stream: EvaluatedStream, options: EvaluationOptions): number {
  return stream.start + (stream.end - stream.start) * options.warmup;
}

/** A key-day is one key of the stream for one judged day, active or not. */
export function keyDays(stream: EvaluatedStream, options: EvaluationOptions): number {
  return (stream.keys.length * Math.max(0, stream.end - judgedFrom(stream, options))) / DAY;
}

/** The thefts that can be found at all: a window that ended before judging began is not counted. */
export function judgedLabels(stream: EvaluatedStream, options: EvaluationOptions): TheftLabel[] {
  const from = judgedFrom(stream, options);
  return stream.labels.filter((label) => label.windowEnd + options.graceMs >= from);
}

export function finds(alert: ScoredAlert, label: TheftLabel, options: EvaluationOptions): boolean {
  return alert.key === label.key && alert.ts >= label.start && alert.ts <= label.windowEnd + options.graceMs;
}

/**
 * Number of incidents in ascending times: the first opens one, and all within `incidentMs` after an opening belong to
 * it. This is the largest number of times that lie `incidentMs` apart, so it never falls when times are added, and a
 * lower threshold never has fewer false alerts.
 */
export function incidentStarts(times: readonly number[], incidentMs: number): number[] {
  const starts: number[] = [];
  for (const ts of times) {
    const last = starts.at(-1);
    if (last === undefined || ts - last >= incidentMs) starts.push(ts);
  }
  return starts;
}

function at(newcomers: readonly Newcomer[], alert: ScoredAlert, graceMs: number): boolean {
  return newcomers.some((n) => n.key === alert.key && alert.ts >= n.first && alert.ts <= n.last + graceMs);
}

export interface Judgement {
  readonly thefts: readonly TheftResult[];
  readonly falseAlerts: readonly FalseAlert[];
}

/** Judges alerts as they are, at one operating point. */
export function judge(stream: EvaluatedStream, options: EvaluationOptions): Judgement {
  const from = judgedFrom(stream, options);
  const labels = judgedLabels(stream, options);
  const alerts = stream.alerts.filter((alert) => alert.ts >= from).sort((a, b) => a.ts - b.ts);
  const thefts = labels.map((label): TheftResult => {
    const foundAt = alerts.find((alert) => finds(alert, label, options))?.ts;
    return { ...label, stream: stream.name, foundAt, requests: requestsUntil(stream, label, foundAt) };
  });
  const byKey = new Map<string, ScoredAlert[]>();
  for (const alert of alerts) {
    if (labels.some((label) => finds(alert, label, options))) continue;
    const list = byKey.get(alert.key);
    if (list) list.push(alert);
    else byKey.set(alert.key, [alert]);
  }
  const falseAlerts: FalseAlert[] = [];
  for (const list of byKey.values()) {
    let opened = Number.NEGATIVE_INFINITY;
    for (const alert of list) {
      if (alert.ts - opened < options.incidentMs) continue;
      opened = alert.ts;
      falseAlerts.push({ ...alert, stream: stream.name, atNewcomer: at(stream.newcomers, alert, options.graceMs) });
    }
  }
  return { thefts, falseAlerts };
}

function requestsUntil(stream: EvaluatedStream, label: TheftLabel, foundAt: number | undefined): number | undefined {
  if (foundAt === undefined || stream.attack === undefined) return undefined;
  return stream.attack.filter((r) => r.key === label.key && r.ts >= label.start && r.ts <= foundAt).length;
}
