import fc from 'fast-check';
import { betaBinomialTail, chanceOverLooks, lnGamma, negativeBinomialTail, surprise } from '../../src/stats/tail';

test('lnGamma agrees with factorials and with √π', () => {
  let factorial = 0;
  for (let n = 1; n < 50; n++) {
    expect(lnGamma(n)).toBeCloseTo(factorial, 9);
    factorial += Math.log(n);
  }
  expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
});

test('the Poisson tail agrees with the sum of its terms', () => {
  let below = 0;
  let term = Math.exp(-4);
  for (let k = 0; k < 10; k++) {
    below += term;
    term *= 4 / (k + 1);
  }
  expect(negativeBinomialTail(10, 4, Infinity)).toBeCloseTo(1 - below, 10);
});

test('the negative binomial tail agrees with the geometric law where size is 1', () => {
  // Mean m and size 1 is geometric with success 1 / (1 + m): P(X ≥ k) = (m / (1 + m))^k.
  expect(negativeBinomialTail(30, 5, 1)).toBeCloseTo((5 / 6) ** 30, 10);
});

test('the beta-binomial tail is uniform over 0 … n for Beta(1, 1)', () => {
  for (let k = 0; k <= 10; k++) expect(betaBinomialTail(k, 10, 1, 1)).toBeCloseTo((11 - k) / 11, 9);
});

test('tails fall with k, lie in 0–1, and surprises are finite', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0.01, max: 1_000, noNaN: true }),
      fc.double({ min: 0.05, max: 100, noNaN: true }),
      (k, mean, size) => {
        const here = negativeBinomialTail(k, mean, size);
        const next = negativeBinomialTail(k + 1, mean, size);
        expect(here).toBeGreaterThan(0);
        expect(here).toBeLessThanOrEqual(1);
        if (k > mean) expect(next).toBeLessThanOrEqual(here * 1.001);
        expect(Number.isFinite(surprise(here))).toBe(true);
      },
    ),
  );
  expect(surprise(0)).toBe(15);
  expect(surprise(1)).toBe(0);
});

test('more looks make a chance larger, and one look leaves it', () => {
  expect(chanceOverLooks(0.01, 1)).toBeCloseTo(0.01, 12);
  expect(chanceOverLooks(0.01, 24)).toBeCloseTo(1 - 0.99 ** 24, 12);
  expect(chanceOverLooks(1, 5)).toBe(1);
});
