import type { AlertDocument } from '../../domain/alert';
import type { EvaluationReport, FalseAlert, WindowExcess } from '../../evaluate';
import { durationText } from '../terminal';

/** What an evaluation found, for every way of showing it. Texts of the log in it are raw: each renderer makes them safe. */
export interface EvaluationPage {
  readonly version: string;
  /** Streams with thefts, pooled under one threshold; undefined where no stream has any. */
  readonly pooled: Pooled | undefined;
  /** Streams without a theft, each by itself: all alerts are false. */
  readonly controls: readonly Control[];
  /** For the stated budget; undefined when none was stated or nothing was pooled. */
  readonly choice: Choice | undefined;
  readonly injected: { readonly asked: number; readonly made: number; readonly seed: number } | undefined;
}

export interface Pooled {
  readonly streams: readonly string[];
  readonly events: number;
  readonly report: EvaluationReport;
  readonly baselines: readonly Baseline[];
  readonly suspensions: Suspensions;
  /** The false alerts of the highest risk, each with its document. */
  readonly worst: readonly (FalseAlert & { readonly document: AlertDocument | undefined })[];
  readonly fleet: readonly Fleet[];
}

/** A rule printed beside: new country, new /16, new agent, rare, coin. */
export interface Baseline {
  readonly name: string;
  readonly report: EvaluationReport;
}

/** Rules without a threshold have a result as they stand; those with one would alert always. */
export const stands = ({ name }: Pick<Baseline, 'name'>): boolean => name !== 'coin' && name !== 'rare';

export interface Control {
  readonly stream: string;
  readonly events: number;
  readonly report: EvaluationReport;
  readonly baselines: readonly Baseline[];
  readonly suspensions: Suspensions;
  readonly worst: Pooled['worst'];
  readonly fleet: Fleet | undefined;
}

/** Requests for suspensions in the judged time. */
export interface Suspensions {
  /** Thefts with a request in their window. */
  readonly thefts: number;
  /** Requests outside every theft's window, and the keys (each counted once a stream) that they are about. */
  readonly falseRequests: number;
  readonly falseKeys: number;
}

/** What fleet-wide incidents added to the same traffic without them. */
export interface Fleet {
  readonly stream: string;
  readonly windows: readonly WindowExcess[];
  /** False alerts in the judged time, with and without the incidents. */
  readonly falseAlerts: number;
  readonly plainFalseAlerts: number;
}

export interface Choice {
  readonly budget: number;
  /** The lowest policy `risk` that keeps the budget on these streams; undefined when none does. */
  readonly risk: number | undefined;
  readonly report: EvaluationReport['budgets'][number];
  /** What a run with a policy that alerts from `risk` on gave: what is told also decides what is learned. */
  readonly measured: Pick<EvaluationReport, 'recall' | 'falseRate'> | undefined;
}

/** `47 % (31–63)`. */
export function percent({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${round(100 * value)} % (${round(100 * low)}–${round(100 * high)})`;
}

/** The same without the sign, for a table that says what it holds: `47 (31–63)`, or `100 (100)` for an interval of a point. */
export function share({ value, low, high }: { value: number; low: number; high: number }): string {
  const [from, to] = [round(100 * low), round(100 * high)];
  return `${round(100 * value)} (${from === to ? from : `${from}–${to}`})`;
}

/** `47`. */
export function points({ value }: { value: number }): string {
  return String(round(100 * value));
}

export function measuredText({ recall, falseRate }: NonNullable<Choice['measured']>): string {
  return `${percent(recall)} at ${rateInterval(falseRate)}`;
}

/** `12.3`, from 100 on `123`. */
export function rate(value: number): string {
  return value >= 99.95 ? String(Math.round(value)) : value.toFixed(1);
}

/** A rate with its interval. */
export function rateInterval({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${rate(value)} (${rate(low)}–${rate(high)})`;
}

/** From the theft's start to the alert. */
export function delayText({ medianDelay }: EvaluationReport): string {
  return medianDelay === undefined ? '–' : `${durationText(medianDelay)} (median)`;
}

export function foundOf(report: EvaluationReport): string {
  return `${report.thefts.filter((theft) => theft.foundAt !== undefined).length} of ${report.thefts.length}`;
}

const round = (value: number): number => Math.round(value);
