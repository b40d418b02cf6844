import { percentileInterval, resample, uniform } from './bootstrap';
import { crossValidate, type FoldSum, foldsOf } from './crossval';
import { judge, judgedLabels, keyDays } from './judge';
import { atBudget, curve, type KeyWeights, type Step, sweep } from './sweep';
import {
  type CrossValidated,
  defaultEvaluation,
  type EvaluatedStream,
  type EvaluationOptions,
  type EvaluationReport,
  type KindRecall,
  type TheftResult,
} from './types';

/**
 * Scores alerts against labels. Several streams are pooled under one threshold; a key that occurs in several of them is
 * resampled with all its histories at once, because they share their traffic.
 */
export function score(
  streams: readonly EvaluatedStream[],
  overrides: Partial<EvaluationOptions> = {},
): EvaluationReport {
  const options = { ...defaultEvaluation, ...overrides };
  const judged = streams.map((stream) => judge(stream, options));
  const thefts = judged.flatMap((j) => j.thefts);
  const falseAlerts = judged.flatMap((j) => j.falseAlerts).sort((a, b) => b.score - a.score || a.ts - b.ts);
  const steps = sweep(streams, options);
  const total = streams.reduce((sum, stream) => sum + keyDays(stream, options), 0);
  const points = curve(steps, thefts.length, total);

  const perKey = keyTotals(streams, options);
  for (const theft of thefts) if (theft.foundAt !== undefined) perKey.get(theft.key)!.found++;
  for (const alert of falseAlerts) {
    const totals = perKey.get(alert.key);
    if (totals) totals.falseAlerts++;
  }
  const keys = [...perKey.keys()];
  const random = uniform(options.seed);
  const recallSamples: number[] = [];
  const rateSamples: number[] = [];
  const budgetSamples = options.budgets.map((): number[] => []);
  const crossing = crossValidation(steps, perKey, options, thefts.length, total);
  for (let i = 0; i < options.resamples; i++) {
    const weights = resample(keys, random);
    const sum = { thefts: 0, found: 0, falseAlerts: 0, days: 0 };
    for (const [key, weight] of weights) {
      const totals = perKey.get(key)!;
      sum.thefts += weight * totals.thefts;
      sum.found += weight * totals.found;
      sum.falseAlerts += weight * totals.falseAlerts;
      sum.days += weight * totals.days;
    }
    crossing.draw(i, weights, sum.thefts, sum.days);
    recallSamples.push(sum.found / sum.thefts);
    rateSamples.push((1000 * sum.falseAlerts) / sum.days);
    const sampled = curve(steps, sum.thefts, sum.days, weights);
    for (const [b, budget] of options.budgets.entries()) {
      budgetSamples[b]!.push(sum.thefts > 0 ? atBudget(sampled, budget).recall : Number.NaN);
    }
  }

  const foundCount = thefts.filter((t) => t.foundAt !== undefined).length;
  return {
    keyDays: total,
    thefts,
    recall: percentileInterval(thefts.length > 0 ? foundCount / thefts.length : 0, recallSamples),
    byKind: byKind(thefts),
    medianRequests: median(thefts.flatMap((t) => (t.requests === undefined ? [] : [t.requests]))),
    medianDelay: median(thefts.flatMap((t) => (t.foundAt === undefined ? [] : [t.foundAt - t.start]))),
    falseAlerts,
    falseRate: percentileInterval(total > 0 ? (1000 * falseAlerts.length) / total : 0, rateSamples),
    falseAtNewcomers: falseAlerts.filter((a) => a.atNewcomer).length,
    budgets: options.budgets.map((budget, b) => {
      const point = atBudget(points, budget);
      const found = percentileInterval(point.recall, budgetSamples[b]!);
      const { threshold, falseRate } = point;
      return { budget, threshold, found, falseRate, crossValidated: crossing.result(b) };
    }),
    curve: points,
  };
}

/**
 * The estimates are means over `options.deals` deals of the keys into folds; each bootstrap sample is cross-validated in
 * one of them, so that the intervals hold the chance of the deal too.
 */
function crossValidation(
  steps: readonly Step[],
  perKey: ReadonlyMap<string, KeyTotals>,
  options: EvaluationOptions,
  thefts: number,
  days: number,
) {
  const { budgets, seed } = options;
  const keys = [...perKey.keys()];
  const daysOf = new Map([...perKey].map(([key, totals]) => [key, totals.days]));
  const deals = Array.from({ length: options.deals }, (_, i) => foldsOf(keys, options.folds, seed + i));
  const once = deals.map((folds) => crossValidate(steps, daysOf, folds, budgets));
  const found = budgets.map((): number[] => []);
  const rates = budgets.map((): number[] => []);
  return {
    draw(i: number, weights: KeyWeights, drawnThefts: number, drawnDays: number): void {
      const sums = crossValidate(steps, daysOf, deals[i % deals.length]!, budgets, weights);
      for (const [b, sum] of sums.entries()) {
        found[b]!.push(sum.found / drawnThefts);
        rates[b]!.push((1000 * sum.falseAlerts) / drawnDays);
      }
    },
    result(b: number): CrossValidated {
      const mean = (pick: (sum: FoldSum) => number) =>
        once.reduce((sum, sums) => sum + pick(sums[b]!), 0) / Math.max(1, once.length);
      const hits = mean((sum) => sum.found);
      const misses = mean((sum) => sum.falseAlerts);
      return {
        found: percentileInterval(thefts > 0 ? hits / thefts : 0, found[b]!),
        falseRate: percentileInterval(days > 0 ? (1000 * misses) / days : 0, rates[b]!),
        precision: hits + misses > 0 ? hits / (hits + misses) : 0,
      };
    },
  };
}

interface KeyTotals {
  thefts: number;
  found: number;
  falseAlerts: number;
  days: number;
}

function keyTotals(streams: readonly EvaluatedStream[], options: EvaluationOptions): Map<string, KeyTotals> {
  const totals = new Map<string, KeyTotals>();
  const of = (key: string): KeyTotals => {
    let entry = totals.get(key);
    if (entry === undefined) {
      entry = { thefts: 0, found: 0, falseAlerts: 0, days: 0 };
      totals.set(key, entry);
    }
    return entry;
  };
  for (const stream of streams) {
    const days = stream.keys.length > 0 ? keyDays(stream, options) / stream.keys.length : 0;
    for (const key of stream.keys) of(key).days += days;
    for (const label of judgedLabels(stream, options)) of(label.key).thefts++;
  }
  return totals;
}

function byKind(thefts: readonly TheftResult[]): KindRecall[] {
  const kinds = new Map<string, { thefts: number; found: number }>();
  for (const theft of thefts) {
    const entry = kinds.get(theft.kind) ?? { thefts: 0, found: 0 };
    entry.thefts++;
    if (theft.foundAt !== undefined) entry.found++;
    kinds.set(theft.kind, entry);
  }
  return [...kinds].map(([kind, entry]) => ({ kind, ...entry })).sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
