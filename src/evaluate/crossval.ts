import { combine, hashText, mix } from '../stats/hash';
import type { KeyWeights, Step } from './sweep';

/**
 * Cross-validation over keys. The keys are dealt into folds; for every fold and budget the threshold is chosen on the
 * other folds' keys (the lowest of their scores that keeps the budget there) and what it finds and falsely alerts is
 * counted on the fold's own keys; all folds added. A key is in one fold with all its rows of all streams, because streams
 * may share their traffic. The deal is seeded. Thresholds are picked by rank among other keys of the same kind, so that
 * the false alerts of a detector that knows nothing come out at the budget or a little below.
 */
export interface FoldSum {
  readonly found: number;
  readonly falseAlerts: number;
}

/** Deals the keys into `k` folds, 0 … k − 1, in the order of a seeded hash: sizes differ by one at most. */
export function foldsOf(keys: readonly string[], k: number, seed: number): ReadonlyMap<string, number> {
  const order = keys.map((key) => ({ key, rank: combine(hashText(key), mix(seed)) }));
  order.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1));
  return new Map(order.map(({ key }, i) => [key, i % k]));
}

interface Fold {
  days: number;
  found: number;
  falseAlerts: number;
  /** What the fold had found and falsely alerted at the last score of another fold's key. */
  atFound: number;
  atFalse: number;
  /** The first budget that the other folds still keep. */
  open: number;
}

/**
 * Sums over the folds for each of `budgets` (ascending, false alerts per 1,000 key-days). `steps` are those of `sweep`,
 * `daysOf` gives the judged key-days of a key; with `weights` a key counts as often as it was drawn, always in its fold.
 */
export function crossValidate(
  steps: readonly Step[],
  daysOf: ReadonlyMap<string, number>,
  folds: ReadonlyMap<string, number>,
  budgets: readonly number[],
  weights?: KeyWeights,
): FoldSum[] {
  const count = 1 + Math.max(0, ...folds.values());
  const all: Fold[] = Array.from({ length: count }, () => ({
    days: 0,
    found: 0,
    falseAlerts: 0,
    atFound: 0,
    atFalse: 0,
    open: 0,
  }));
  const sums = budgets.map(() => ({ found: 0, falseAlerts: 0 }));
  let days = 0;
  for (const [key, fold] of folds) {
    const own = (daysOf.get(key) ?? 0) * weightOf(key, weights);
    all[fold]!.days += own;
    days += own;
  }
  let falseAlerts = 0;
  // Bit i: a key of fold i has a step at this score.
  let touched = 0;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    const weight = weightOf(step.key, weights);
    const index = folds.get(step.key);
    if (weight > 0 && index !== undefined) {
      const fold = all[index]!;
      fold.found += weight * step.found;
      fold.falseAlerts += weight * step.falseAlerts;
      falseAlerts += weight * step.falseAlerts;
      touched |= 1 << index;
    }
    if (touched === 0 || steps[i + 1]?.score === step.score) continue;
    for (let f = 0; f < count; f++) {
      if ((touched & ~(1 << f)) === 0) continue;
      const fold = all[f]!;
      const rate = (1000 * (falseAlerts - fold.falseAlerts)) / (days - fold.days);
      for (; fold.open < budgets.length && rate > budgets[fold.open]!; fold.open++) settle(sums[fold.open]!, fold);
      fold.atFound = fold.found;
      fold.atFalse = fold.falseAlerts;
    }
    touched = 0;
  }
  for (const fold of all) for (; fold.open < budgets.length; fold.open++) settle(sums[fold.open]!, fold);
  return sums;
}

function settle(sum: { found: number; falseAlerts: number }, fold: Fold): void {
  sum.found += fold.atFound;
  sum.falseAlerts += fold.atFalse;
}

const weightOf = (key: string, weights: KeyWeights | undefined): number =>
  weights === undefined ? 1 : (weights.get(key) ?? 0);
