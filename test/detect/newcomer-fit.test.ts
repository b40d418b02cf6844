import fc from 'fast-check';
import { binOf, binOfRate, nominal } from '../../src/detect/newcomer/fit';

test('the bin of a rate is that of its surprise', () => {
  fc.assert(
    fc.property(fc.double({ min: -14, max: 3, noNaN: true }), (power) => {
      const rate = 10 ** power;
      expect(binOfRate(rate)).toBe(binOf(nominal(rate)));
    }),
    { numRuns: 2_000 },
  );
  expect(binOfRate(0)).toBe(binOf(nominal(0)));
});
