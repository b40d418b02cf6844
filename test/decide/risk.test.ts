import fc from 'fast-check';
import { riskOf, severityOf, surpriseOf } from '../../src/decide/risk';

test.each([
  [0, 0],
  [1, 36.9],
  [2, 60.2],
  [3, 74.9],
  [4, 84.2],
  [5, 90],
])('a surprise of %d is a risk of %d', (surprise, risk) => {
  expect(riskOf(surprise)).toBe(risk);
});

test('law: risk grows with surprise, stays within 0–100 and can be turned back', () => {
  const surprises = fc.double({ min: 0, max: 15, noNaN: true });
  fc.assert(
    fc.property(surprises, surprises, (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      expect(riskOf(low)).toBeLessThanOrEqual(riskOf(high));
      expect(riskOf(high)).toBeLessThanOrEqual(100);
      expect(riskOf(low)).toBeGreaterThanOrEqual(0);
      if (a < 8) expect(Math.abs(surpriseOf(riskOf(a)) - a)).toBeLessThan(0.05);
    }),
  );
});

test('severities change at the bounds that Elastic uses', () => {
  expect([0, 59.9, 60, 74.9, 75, 89.9, 90, 100].map(severityOf)).toEqual([21, 21, 47, 47, 73, 73, 99, 99]);
});
