import fc from 'fast-check';
import { calibrate } from '../../../src/detect/model/calibrate';
import { surpriseOfError } from '../../../src/detect/model/judge';

/** Errors of 4,000 key-days, of which 1,000 had a look: an exponential tail. */
const keyDays = 4_000;
const errors = Array.from({ length: 1_000 }, (_, i) => -Math.log((i + 0.5) / 1_000));

test('the share of key-days with at least an error is what its surprise says', () => {
  const calibration = calibrate(errors, keyDays)!;
  for (const surprise of [1, 1.5, 2, 2.5]) {
    const reached = errors.filter((error) => surpriseOfError({ calibration }, error) >= surprise).length;
    expect(-Math.log10(reached / keyDays)).toBeCloseTo(surprise, 1);
  }
});

test('a past of n key-days bears out one in ten times n and no more', () => {
  const calibration = calibrate(errors, keyDays)!;
  expect(surpriseOfError({ calibration }, 1e9)).toBeCloseTo(Math.log10(10 * keyDays), 3);
});

test('surprise never falls as the error grows, and is 0 below the first point', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), { minLength: 30, maxLength: 300 }),
      fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 2, maxLength: 20 }),
      (seen, asked) => {
        const calibration = calibrate(seen, 4 * seen.length);
        if (calibration === undefined) return;
        const worth = asked.sort((a, b) => a - b).map((error) => surpriseOfError({ calibration }, error));
        expect(worth).toEqual([...worth].sort((a, b) => a - b));
        expect(surpriseOfError({ calibration }, calibration[0][0])).toBe(0);
        expect(worth.every(Number.isFinite)).toBe(true);
      },
    ),
  );
});

test('too few key-days give no calibration', () => {
  expect(calibrate([1, 2, 3], 12)).toBeUndefined();
  expect(calibrate([], 1_000)).toBeUndefined();
});
