/** Times are milliseconds since 1970 UTC throughout. */

/** An alert as the evaluation sees it. */
export interface ScoredAlert {
  readonly key: string;
  readonly ts: number;
  /** Higher is more suspicious; any scale, compared only within one report. */
  readonly score: number;
  /**
   * For candidates: an alert only for thresholds above this. An incident that was told at 62 and rises to 80 on the next
   * day is new at a threshold of 70, and a mere update at 60.
   */
  readonly above?: number | undefined;
}

/** A theft: an alert for its key in [start, windowEnd + grace] finds it. */
export interface TheftLabel {
  readonly key: string;
  readonly start: number;
  readonly windowEnd: number;
  readonly kind: string;
}

/** A legitimate newcomer on a key: an alert about it is a false alert worth telling apart. */
export interface Newcomer {
  readonly key: string;
  readonly first: number;
  readonly last: number;
}

/** One stream that was judged, with what is known about it. */
export interface EvaluatedStream {
  readonly name: string;
  /** The alerts at the operating point, that is, as the product would send them. */
  readonly alerts: readonly ScoredAlert[];
  /** Every scored candidate, for choosing thresholds; the alerts themselves when absent. */
  readonly candidates?: readonly ScoredAlert[] | undefined;
  readonly labels: readonly TheftLabel[];
  readonly newcomers: readonly Newcomer[];
  /** The thief's requests, where they are known. */
  readonly attack?: readonly { readonly key: string; readonly ts: number }[] | undefined;
  readonly start: number;
  readonly end: number;
  /** All keys of the stream, active in the judged time or not: they make the key-days. */
  readonly keys: readonly string[];
}

export interface EvaluationOptions {
  /** Share of the time that warms up and is not judged. */
  readonly warmup: number;
  /** How long after `windowEnd` an alert still finds the theft. */
  readonly graceMs: number;
  /** At most one false alert a key is counted in this time. */
  readonly incidentMs: number;
  /** False alerts per 1,000 key-days. */
  readonly budgets: readonly number[];
  /** Number of bootstrap samples; 0 gives intervals equal to the estimate. */
  readonly resamples: number;
  /** Folds of the cross-validation, 2 … 30, and how many deals of the keys into folds are averaged. */
  readonly folds: number;
  readonly deals: number;
  readonly seed: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const defaultEvaluation: EvaluationOptions = {
  warmup: 0.6,
  graceMs: HOUR,
  incidentMs: DAY,
  budgets: [5, 10, 20, 50, 100, 200],
  resamples: 1000,
  folds: 5,
  deals: 20,
  seed: 1,
};

/** An estimate with the 2.5 % and 97.5 % quantiles of its bootstrap over keys. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface BudgetPoint {
  readonly budget: number;
  /** The lowest threshold that keeps the budget on these very streams; Infinity where every one breaks it. */
  readonly threshold: number;
  /** Share of the thefts found. */
  readonly found: Estimate;
  /** False alerts per 1,000 key-days at that threshold. */
  readonly falseRate: number;
  readonly crossValidated: CrossValidated;
}

/** With thresholds chosen on other keys (`crossval.ts`): what an operator who asks for this budget gets on keys like these. */
export interface CrossValidated {
  readonly found: Estimate;
  /** False alerts per 1,000 key-days; may lie above the budget. */
  readonly falseRate: Estimate;
  /** Share of true alerts among the counted ones; 0 where there are none. */
  readonly precision: number;
}

export interface CurvePoint {
  readonly threshold: number;
  readonly found: number;
  readonly falseAlerts: number;
  readonly recall: number;
  readonly precision: number;
  readonly falseRate: number;
}

export interface TheftResult extends TheftLabel {
  readonly stream: string;
  /** Time of the first alert that found it; undefined when missed. */
  readonly foundAt: number | undefined;
  /** The thief's requests up to and including that moment; undefined when missed or not known. */
  readonly requests: number | undefined;
}

export interface FalseAlert extends ScoredAlert {
  readonly stream: string;
  readonly atNewcomer: boolean;
}

export interface KindRecall {
  readonly kind: string;
  readonly thefts: number;
  readonly found: number;
}

export interface EvaluationReport {
  readonly keyDays: number;
  readonly thefts: readonly TheftResult[];
  /** Share of the thefts found at the operating point. */
  readonly recall: Estimate;
  readonly byKind: readonly KindRecall[];
  /** Over the thefts found; undefined where none was or the thief's requests are not known. */
  readonly medianRequests: number | undefined;
  /** From the theft's start to the alert, milliseconds, over the thefts found; undefined where none was. */
  readonly medianDelay: number | undefined;
  /** One an incident, the highest score first. */
  readonly falseAlerts: readonly FalseAlert[];
  /** False alerts per 1,000 key-days at the operating point. */
  readonly falseRate: Estimate;
  /** How many of the false alerts were about listed newcomers. */
  readonly falseAtNewcomers: number;
  readonly budgets: readonly BudgetPoint[];
  readonly curve: readonly CurvePoint[];
}
