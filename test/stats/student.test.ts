import fc from 'fast-check';
import { studentTail } from '../../src/stats/student';

test.each([
  // df, t, tail: quantiles of Student's t as tabulated (Abramowitz and Stegun, table 26.10).
  [1, 1, 0.25],
  [1, 6.314, 0.05],
  [2, 2.92, 0.05],
  [5, 2.015, 0.05],
  [5, 4.032, 0.005],
  [10, 2.764, 0.01],
  [30, 3.385, 0.001],
  [120, 1.98, 0.025],
])('P(T ≥ t) with %d degrees of freedom at %d is %d', (df, t, tail) => {
  expect(studentTail(t, df)).toBeGreaterThan(tail * 0.995);
  expect(studentTail(t, df)).toBeLessThan(tail * 1.005);
});

test('far out it falls with the power of its degrees of freedom', () => {
  expect(studentTail(2_000, 3) / studentTail(1_000, 3)).toBeCloseTo(1 / 8, 3);
});

test('law: between 0 and a half, falling in t, and at or below the middle a half', () => {
  const at = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(at, at, fc.double({ min: 0.5, max: 500, noNaN: true }), (a, b, df) => {
      const [near, far] = [studentTail(Math.min(a, b), df), studentTail(Math.max(a, b), df)];
      expect(far).toBeLessThanOrEqual(near * (1 + 1e-9));
      expect(near).toBeLessThanOrEqual(0.5);
      expect(far).toBeGreaterThanOrEqual(0);
    }),
  );
  expect(studentTail(-3, 5)).toBe(0.5);
});
