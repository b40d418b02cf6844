import fc from 'fast-check';
import { uniform } from '../../src/evaluate/bootstrap';
import { crossValidate, foldsOf } from '../../src/evaluate/crossval';
import { score } from '../../src/evaluate/score';
import { atBudget, curve, type Step } from '../../src/evaluate/sweep';
import { DAY, type EvaluatedStream } from '../../src/evaluate/types';

const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `key-${i}`);

describe('folds', () => {
  it('hold each key once and differ in size by one at most', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 2, max: 9 }), fc.integer(), (keys, k, seed) => {
        const folds = foldsOf(keys, k, seed);
        expect([...folds.keys()].sort()).toEqual([...keys].sort());
        const sizes = Array.from({ length: k }, (_, f) => [...folds.values()].filter((fold) => fold === f).length);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(keys.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('depend on the seed and not on the order of the keys', () => {
    const keys = names(50);
    const folds = foldsOf(keys, 5, 3);
    expect([...foldsOf([...keys].reverse(), 5, 3)].sort()).toEqual([...folds].sort());
    expect([...foldsOf(keys, 5, 4)].sort()).not.toEqual([...folds].sort());
  });
});

/** One false alert or theft found a step, ten key-days a key. */
const step = (key: string, score: number, found = 0): Step => ({ key, score, found, falseAlerts: found > 0 ? 0 : 1 });
const days = (keys: readonly string[]) => new Map(keys.map((key) => [key, 10]));
const sorted = (steps: readonly Step[]) => [...steps].sort((a, b) => b.score - a.score);

it('chooses the threshold of a fold on the other keys only', () => {
  const folds = new Map([
    ['a', 0],
    ['b', 1],
  ]);
  // 100 per 1,000 key-days is one false alert on the ten days of the other key: 'b' sets 5 for 'a', 'a' sets 9 for 'b'.
  const steps = sorted([step('a', 9), step('a', 8), step('a', 6, 1), step('a', 4, 1), step('b', 5), step('b', 3)]);
  expect(crossValidate(steps, days(['a', 'b']), folds, [100])).toEqual([{ found: 1, falseAlerts: 2 }]);
  // No false alert is allowed and the other key has no theft to take a threshold from.
  expect(crossValidate(steps, days(['a', 'b']), folds, [50])).toEqual([{ found: 0, falseAlerts: 0 }]);
});

it('a key drawn twice counts twice; one not drawn is not there', () => {
  const keys = ['a', 'b', 'c'];
  const folds = new Map(keys.map((key, i) => [key, i]));
  const steps = sorted([step('a', 3, 1), step('b', 2, 1), step('c', 1)]);
  const weights = new Map([
    ['a', 2],
    ['c', 1],
  ]);
  // At 'c' the threshold of the others' is 3, at 'a' it is that of 'c', which breaks no budget of 100.
  expect(crossValidate(steps, days(keys), folds, [100], weights)).toEqual([{ found: 2, falseAlerts: 0 }]);
});

const stepList = fc.array(
  fc.record({ key: fc.constantFrom(...names(12)), score: fc.integer({ min: 0, max: 20 }), theft: fc.boolean() }),
  { maxLength: 60 },
);

it('a larger budget never finds less nor alerts less', () => {
  fc.assert(
    fc.property(stepList, fc.integer(), (list, seed) => {
      const keys = names(12);
      const steps = sorted(list.map(({ key, score, theft }) => step(key, score, theft ? 1 : 0)));
      const sums = crossValidate(steps, days(keys), foldsOf(keys, 4, seed), [5, 20, 100, 1000]);
      for (let i = 1; i < sums.length; i++) {
        expect(sums[i]!.found).toBeGreaterThanOrEqual(sums[i - 1]!.found);
        expect(sums[i]!.falseAlerts).toBeGreaterThanOrEqual(sums[i - 1]!.falseAlerts);
      }
    }),
  );
});

it('equals the choice by hand, fold by fold', () => {
  fc.assert(
    fc.property(stepList, fc.integer(), fc.constantFrom(10, 50, 200), (list, seed, budget) => {
      const keys = names(12);
      const folds = foldsOf(keys, 3, seed);
      const steps = sorted(list.map(({ key, score, theft }) => step(key, score, theft ? 1 : 0)));
      let found = 0;
      let falseAlerts = 0;
      for (const fold of [0, 1, 2]) {
        const inFold = (key: string) => folds.get(key) === fold;
        const others = steps.filter(({ key }) => !inFold(key));
        const { threshold } = atBudget(curve(others, 1, 10 * keys.filter((key) => !inFold(key)).length), budget);
        const held = steps.filter((s) => inFold(s.key) && s.score >= threshold);
        found += held.reduce((sum, s) => sum + s.found, 0);
        falseAlerts += held.reduce((sum, s) => sum + s.falseAlerts, 0);
      }
      expect(crossValidate(steps, days(keys), folds, [budget])).toEqual([{ found, falseAlerts }]);
    }),
  );
});

/** Ten days of 60 keys, the last four judged; on each judged day each key has alerts of random scores. */
function noise(seed: number): EvaluatedStream {
  const random = uniform(seed);
  const keys = names(60);
  const alerts = keys.flatMap((key) =>
    [6, 7, 8, 9].flatMap((day) => [0, 1].map((i) => ({ key, ts: day * DAY + i * 3_600_000, score: random() }))),
  );
  const labels = keys.slice(0, 20).map((key, i) => {
    const start = (6 + (i % 4)) * DAY;
    return { key, start, windowEnd: start + DAY / 2, kind: 'add' };
  });
  return { name: 'noise', alerts, labels, newcomers: [], start: 0, end: 10 * DAY, keys };
}

it('a detector that is pure noise gets its budget of false alerts on average, and no more thefts than chance', () => {
  const runs = Array.from({ length: 30 }, (_, seed) =>
    score([noise(seed)], { resamples: 0, budgets: [50, 200], deals: 4, seed }),
  );
  for (const [b, budget] of [50, 200].entries()) {
    const mean = (of: (r: (typeof runs)[number]) => number) => runs.reduce((sum, r) => sum + of(r), 0) / runs.length;
    const rate = mean((r) => r.budgets[b]!.crossValidated.falseRate.value);
    expect(rate).toBeGreaterThan(0.85 * budget);
    expect(rate).toBeLessThan(1.05 * budget);
    // A theft's day has as many alerts as any other.
    expect(mean((r) => r.budgets[b]!.crossValidated.found.value)).toBeLessThan((1.5 * budget) / 1000);
  }
});

it('shows what a threshold chosen on the same keys hides', () => {
  // Every second key alerts falsely just below its own theft's score: only a threshold that knows the key is right.
  const keys = names(40);
  const labels = keys.map((key) => ({ key, start: 7 * DAY, windowEnd: 7 * DAY + 1, kind: 'add' }));
  const alerts = keys.flatMap((key, i) => [
    { key, ts: 7 * DAY, score: 100 - i },
    { key, ts: 9 * DAY - 1, score: 50 - i },
  ]);
  const stream = { name: 's', alerts, labels, newcomers: [], start: 0, end: 10 * DAY, keys };
  const [point] = score([stream], { resamples: 200, budgets: [100] }).budgets;
  const { found, falseRate, precision } = point!.crossValidated;
  expect(found.low).toBeLessThanOrEqual(found.value);
  expect(found.high).toBeGreaterThanOrEqual(found.value);
  expect(falseRate.value).toBeLessThanOrEqual(125);
  expect(precision).toBeGreaterThan(0.5);
});
