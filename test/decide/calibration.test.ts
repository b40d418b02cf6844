import fc from 'fast-check';
import { bindCalibration, calibrationColumns } from '../../src/decide/calibration';
import { random } from '../../src/simulate/random';
import { type Column, createColumn } from '../../src/stats/columns';

function tables(rows: number) {
  const columns = new Map<string, Column>(calibrationColumns.map((spec) => [spec.name, createColumn(spec, rows)]));
  return { column: (name: string) => columns.get(name)! };
}

/** `keys` keys over `days` days, each day with the score that `draw` gives. */
function lived(keys: number, days: number, draw: () => number) {
  const calibration = bindCalibration(tables(keys));
  for (let day = 1; day <= days + 1; day++) {
    for (let row = 0; row < keys; row++) {
      calibration.turn(row, day);
      if (day <= days) calibration.note(row, draw());
    }
  }
  return calibration;
}

test('before there is a past, a score is taken at its word', () => {
  const calibration = bindCalibration(tables(1));
  for (const score of [0.5, 1, 2, 3.3]) expect(calibration.surprise(score)).toBeCloseTo(score, 1);
});

test('scores that exaggerate are brought down to what they are worth', () => {
  const { next } = random('calibration-1');
  const calibration = lived(200, 100, () => -3 * Math.log10(1 - next()));
  for (const honest of [0.5, 1, 1.5, 2]) {
    expect(calibration.surprise(3 * honest)).toBeGreaterThan(honest - 0.2);
    expect(calibration.surprise(3 * honest)).toBeLessThan(honest + 0.2);
  }
});

test.each([1, 1.5, 2, 2.5])('honest on the key-days that come next: P(surprise ≥ %d) ≤ 2·10^-s', (s) => {
  const { next } = random('calibration-7');
  const draw = () => -2 * Math.log10(1 - next());
  const calibration = lived(200, 100, draw);
  const days = 20_000;
  let reached = 0;
  for (let i = 0; i < days; i++) if (calibration.surprise(draw()) >= s) reached++;
  const allowed = 2 * 10 ** -s * days;
  expect(reached).toBeLessThan(allowed + 3 * Math.sqrt(allowed));
});

test('only the greatest score of a day counts, however often it was looked at', () => {
  const quiet = bindCalibration(tables(1));
  const busy = bindCalibration(tables(1));
  for (let day = 1; day <= 400; day++) {
    quiet.turn(0, day);
    busy.turn(0, day);
    quiet.note(0, 2);
    for (let i = 0; i < 50; i++) busy.note(0, 2 - i / 50);
  }
  expect(busy.surprise(1)).toBe(quiet.surprise(1));
  expect(busy.keyDays()).toBe(399);
});

test('days without use are key-days too', () => {
  const calibration = bindCalibration(tables(1));
  calibration.turn(0, 10);
  calibration.note(0, 3);
  calibration.turn(0, 110);
  expect(calibration.keyDays()).toBe(100);
});

test('law: a greater score is never less surprising, and beyond the past it goes on growing', () => {
  const { next } = random('calibration-3');
  const calibration = lived(50, 50, () => 3 * next());
  fc.assert(
    fc.property(fc.double({ min: 0, max: 20, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true }), (a, more) => {
      expect(calibration.surprise(a + more)).toBeGreaterThanOrEqual(calibration.surprise(a));
    }),
  );
  expect(calibration.surprise(9)).toBeCloseTo(calibration.surprise(6) + 3, 1);
});
