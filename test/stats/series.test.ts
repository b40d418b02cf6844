import * as fc from 'fast-check';
import {
  createSeries,
  SERIES_BYTES,
  SERIES_DEFAULTS,
  SERIES_THRESHOLD,
  type SeriesState,
  scoreSeries,
  seriesOver,
  seriesReason,
} from '../../src/stats/series';

const START = Date.UTC(2024, 0, 1);
const FIVE_MINUTES = 300_000;
const DAY_ROWS = 288;

/** Deterministic noise in [0, 1): the same in every run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function scoreAll(values: readonly number[], state: SeriesState = createSeries(), from = 0): number[] {
  return values.map((value, i) => scoreSeries(state, START + (from + i) * FIVE_MINUTES, value));
}

const highest = (scores: readonly number[], from: number, to = scores.length): number =>
  Math.max(...scores.slice(from, to));

/** Two weeks of a working-hours pattern: 20 at night, 80 by day, and some noise. */
function workingHours(seed: number): number[] {
  const random = noise(seed);
  return Array.from({ length: 14 * DAY_ROWS }, (_, i) => {
    const hour = Math.floor((i % DAY_ROWS) / 12);
    return (hour >= 9 && hour < 18 ? 80 : 20) + 4 * random();
  });
}

describe('series novelty', () => {
  it('is quiet about a pattern that repeats, and detects a value far outside it', () => {
    const values = workingHours(1);
    expect(highest(scoreAll(values), 3 * DAY_ROWS)).toBeLessThan(SERIES_THRESHOLD);
    values[3000] = 150;
    const scores = scoreAll(values);
    expect(scores[3000]).toBeGreaterThan(0.9);
    expect(highest(scores, 3 * DAY_ROWS, 3000)).toBeLessThan(SERIES_THRESHOLD);
  });

  it('detects a value between two levels that never occurred', () => {
    const values = workingHours(2);
    values[3000] = 50;
    const state = createSeries();
    scoreAll(values.slice(0, 3000), state);
    expect(scoreAll([50], state, 3000)[0]).toBeGreaterThan(SERIES_THRESHOLD);
    expect(seriesReason(state)?.leading).toBe('value');
    expect([20, 24, 80].some((edge) => Math.abs(seriesReason(state)!.nearest - edge) < 4)).toBe(true);
  });

  it('detects an ordinary value at the wrong hour, and says that the hour is what is odd', () => {
    const values = workingHours(3);
    const noon = 11 * DAY_ROWS + 12 * 12;
    const state = createSeries();
    scoreAll(values.slice(0, noon), state);
    expect(scoreAll([21], state, noon)[0]).toBeGreaterThan(SERIES_THRESHOLD);
    const reason = seriesReason(state)!;
    expect(reason.leading).toBe('season');
    expect(Math.abs(reason.expected - 82)).toBeLessThan(5);
    expect(reason.odd).toBe(21);
    // No value was ever as far below its hour: the nearest is that of another distance.
    expect(reason.nearest - reason.odd).toBeGreaterThan(5);
  });

  it('detects many ordinary values in an unusual mixture by the level', () => {
    const random = noise(4);
    const values = Array.from({ length: 12 * DAY_ROWS }, (_, i) => {
      const often = i >= 10 * DAY_ROWS && i < 11 * DAY_ROWS;
      return random() < (often ? 0.4 : 0.03) ? 1 + Math.floor(4 * random()) : 0;
    });
    const with_ = scoreAll(values);
    const state = createSeries();
    const without = values.map((value, i) =>
      scoreSeries(state, START + i * FIVE_MINUTES, value, { ...SERIES_DEFAULTS, levelWeight: 0 }),
    );
    expect(highest(with_, 10 * DAY_ROWS, 11 * DAY_ROWS)).toBeGreaterThan(SERIES_THRESHOLD);
    expect(highest(without, 10 * DAY_ROWS, 11 * DAY_ROWS)).toBeLessThan(SERIES_THRESHOLD);
  });

  it('detects the first change of a series that was constant, and nothing while it is', () => {
    const scores = scoreAll([...new Array(3000).fill(7), 8]);
    expect(highest(scores, 0, 3000)).toBe(0);
    expect(scores[3000]).toBeGreaterThan(0.9);
  });

  it('learns: the second time a value is less odd than the first', () => {
    const values = workingHours(5);
    values[3000] = 150;
    values[3000 + DAY_ROWS] = 150;
    const scores = scoreAll(values);
    expect(scores[3000 + DAY_ROWS]).toBeLessThan(SERIES_THRESHOLD);
    expect(scores[3000]).toBeGreaterThan(SERIES_THRESHOLD);
  });

  it('after a detection stays silent about lesser oddity, and speaks again about a greater one', () => {
    const values = workingHours(6);
    values[3000] = 200;
    values[3010] = 150;
    values[3020] = 1000;
    const scores = scoreAll(values);
    expect(scores[3000]).toBeGreaterThan(0.9);
    expect(scores[3010]).toBe(0);
    expect(scores[3020]).toBeGreaterThan(0.9);
  });

  it('does not look ahead: what comes later changes no score', () => {
    const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 60, maxLength: 300 });
    fc.assert(
      fc.property(numbers, numbers, (past, future) => {
        expect(scoreAll([...past, ...future]).slice(0, past.length)).toEqual(scoreAll(past));
      }),
    );
  });

  it('gives the same scores when the unit or the zero of the series is another', () => {
    const integers = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 60, maxLength: 300 });
    fc.assert(
      fc.property(
        integers,
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: -1e6, max: 1e6 }),
        (values, power, shift) => {
          const plain = scoreAll(values);
          scoreAll(values.map((value) => value * 2 ** power)).forEach((score, i) => {
            expect(score).toBeCloseTo(plain[i], 4);
          });
          scoreAll(values.map((value) => value + shift)).forEach((score, i) => {
            expect(score).toBeCloseTo(plain[i], 4);
          });
        },
      ),
    );
  });

  it('has a state of fixed size that goes on from a copy of its bytes', () => {
    const values = workingHours(7);
    const whole = scoreAll(values);
    const slab = new ArrayBuffer(16 + SERIES_BYTES);
    scoreAll(values.slice(0, 2000), seriesOver(slab, 16));
    const copy = seriesOver(slab.slice(16));
    expect(scoreAll(values.slice(2000), copy, 2000)).toEqual(whole.slice(2000));
    expect(SERIES_BYTES).toBeLessThanOrEqual(6 * 1024);
    expect(new Uint8Array(slab, 0, 16).every((byte) => byte === 0)).toBe(true);
  });

  it('stays within [0, 1] on any values, in any order of time', () => {
    const rows = fc.tuple(fc.integer(), fc.double({ min: -1e30, max: 1e30, noNaN: true }));
    fc.assert(
      fc.property(fc.array(rows, { minLength: 52, maxLength: 400 }), (series) => {
        const state = createSeries();
        for (const [time, value] of series) {
          const score = scoreSeries(state, time, value);
          expect(score >= 0 && score <= 1).toBe(true);
        }
      }),
    );
  });

  it('refuses what is not a number and learns nothing from it', () => {
    const state = createSeries();
    scoreAll([1, 2, 3], state);
    const before = [...state.numbers, ...state.codes, ...state.season];
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 2e30])
      expect(() => scoreSeries(state, START, value)).toThrow(RangeError);
    expect(() => scoreSeries(state, Number.NaN, 1)).toThrow(RangeError);
    expect([...state.numbers, ...state.codes, ...state.season]).toEqual(before);
    expect(seriesReason(createSeries())).toBeUndefined();
  });
});
