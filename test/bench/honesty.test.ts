import { listen } from '../../bench/honesty/listen';
import { addCounts, allowed, binomialTail, chanceOf, createTally, LEVEL, thresholds } from '../../bench/honesty/tally';
import { benign } from '../../bench/honesty/traffic';

describe('exact binomial tail', () => {
  /** Pascal's triangle, term by term. */
  const bySum = (k: number, n: number, p: number) => {
    let sum = 0;
    for (let i = Math.max(0, k); i <= n; i++) {
      let choose = 1;
      for (let j = 0; j < i; j++) choose *= (n - j) / (j + 1);
      sum += choose * p ** i * (1 - p) ** (n - i);
    }
    return sum;
  };

  test.each([
    [0, 10, 0.3],
    [1, 10, 0.3],
    [3, 10, 0.3],
    [9, 10, 0.3],
    [10, 10, 0.3],
    [11, 10, 0.3],
    [2, 40, 0.2],
    [20, 40, 0.2],
  ])('P(X ≥ %d), n = %d, p = %d', (k, n, p) => {
    expect(binomialTail(k, n, p)).toBeCloseTo(bySum(k, n, p), 10);
  });

  test('far from the mean, on either side', () => {
    expect(binomialTail(12, 19_724, 0.2)).toBe(1);
    expect(binomialTail(3_000, 19_724, 0.02)).toBeLessThan(1e-300);
    expect(binomialTail(5, 10, 1)).toBe(1);
  });
});

describe('tally of key-days', () => {
  test('the greatest surprise of a day counts once, from the second day of a key to its last', () => {
    const tally = createTally(10);
    for (const day of [9, 10, 12]) tally.see('a', day);
    tally.see('b', 11);
    tally.note('d', 'a', 9, 3, undefined);
    for (const surprise of [1, 2.2, 1.6]) tally.note('d', 'a', 10, surprise, undefined);
    tally.note('d', 'a', 12, 1.1, undefined);
    tally.note('d', 'b', 11, 9, undefined);
    const { keyDays, reached } = tally.counts();
    expect(keyDays).toBe(3);
    expect(reached.get('d')).toEqual([2, 1, 1, 0, 0, 0]);
  });

  test('a newcomer that stays counts on its first day', () => {
    const tally = createTally(0);
    for (let day = 0; day < 9; day++) tally.see('a', day);
    for (let day = 1; day < 9; day++) tally.note('d', 'a', day, 2, 77);
    tally.note('d', 'a', 5, 2, 78);
    expect(tally.counts().reached.get('d')).toEqual([2, 2, 2, 0, 0, 0]);
  });

  test('counts add up', () => {
    const one = { keyDays: 5, reached: new Map([['a', [1, 0]]]) };
    const two = {
      keyDays: 6,
      reached: new Map([
        ['a', [2, 1]],
        ['b', [1, 1]],
      ]),
    };
    const both = addCounts(one, two);
    expect([both.keyDays, ...both.reached]).toEqual([11, ['a', [3, 1]], ['b', [1, 1]]]);
  });
});

/**
 * The promise on a small benign fleet: two mixes, some 3,400 key-days. `npm run bench:honesty` does the same on 60,000, on
 * which rarer surprises can be tested too.
 */
describe('surprise is honest on a benign fleet: P(surprise ≥ s) ≤ 2·10^-s, by the exact binomial test', () => {
  const start = Date.UTC(2026, 0, 5);
  const counts = [
    { seed: 21, keys: 110 },
    { seed: 22, keys: 70, mix: { mobile: 1, ci: 1, human: 2, partner: 2 } },
  ]
    .map((fleet) => listen(benign({ ...fleet, days: 34, ratePerKeyDay: 12, start }), start + 14 * 86_400_000))
    .reduce(addCounts);

  test('there is something to judge', () => {
    expect(counts.keyDays).toBeGreaterThan(3_000);
    expect([...counts.reached.keys()]).toEqual(expect.arrayContaining(['newcomer', 'geography', 'volume', 'size']));
  });

  test.each(thresholds.filter((s) => s <= 2.5))('at s = %d', (s) => {
    const at = thresholds.indexOf(s);
    const broken = [...counts.reached].filter(([, reached]) => chanceOf(reached[at]!, counts.keyDays, s) < LEVEL);
    expect(
      broken.map(([name, reached]) => `${name}: ${reached[at]} where ${allowed(s) * counts.keyDays} are allowed`),
    ).toEqual([]);
  });

  test('and not merely by being silent: newcomers reach 1.5 at least a tenth as often as they may', () => {
    expect(counts.reached.get('newcomer')![1]).toBeGreaterThan(0.1 * 10 ** -1.5 * counts.keyDays);
  });
});
