/**
 * Novelty of the values of a numeric series (requests a minute, bytes an hour …), one row at a time and without looking
 * ahead. Three things are compared with the nearest one seen before, each in units of its own slowly forgetting range:
 *
 *  - the value itself;
 *  - what is left of it after the mean of its hour of the week, which counts as far as that mean explains the series;
 *  - the level, a mean over the last rows, so that many ordinary values in an unusual mixture are seen too.
 *
 * The root of the sum of their squares counts for more the more rows were seen, and is silenced for a while after something
 * as odd. Everything is relative to the series' own range: adding a constant or multiplying by a positive one changes no
 * score. Blind spots: a value that repeats known ones in a new order, silence in a series that is often silent, and
 * whatever happens in the first days, when everything is new.
 */
import { nearest, remember } from './codebook';

export interface SeriesSettings {
  /** Rows after which the range and the worth of the season have forgotten about two thirds. */
  readonly memoryRows: number;
  /** Rows during which a detection silences lesser ones, linearly fading. */
  readonly refractoryRows: number;
  /** How much odder than the last detection a row must be right after it. */
  readonly refractoryFactor: number;
  /** Rows of the mean that is called level. */
  readonly levelRows: number;
  /** Weight of the level beside the value, in [0, 1]. */
  readonly levelWeight: number;
  /** The mean of the wider slot (all hours, then the hour of the day) counts as this many rows of the narrower one. */
  readonly seasonPriorRows: number;
  /** Rows after which the mean of a slot forgets. */
  readonly seasonRows: number;
  /** The oddness, in ranges, that maps to a score of 0.5. */
  readonly halfScore: number;
}

/**
 * Chosen on 29 files of the Numenta Anomaly Benchmark (`npm run bench:nab`), for the score averaged over neighbouring
 * thresholds. Halving or doubling any of them costs at most 3 points of 83.
 */
export const SERIES_DEFAULTS: SeriesSettings = {
  memoryRows: 8000,
  refractoryRows: 150,
  refractoryFactor: 1.5,
  levelRows: 96,
  levelWeight: 0.5,
  seasonPriorRows: 10,
  seasonRows: 512,
  halfScore: 0.0135,
};

/** At or above this a score is a detection at the defaults. */
export const SERIES_THRESHOLD = 0.5;

const CODES = 256;
const CHANNELS = 3;
const HOURS = 24;
const WEEK = 168;
const SLOTS = HOURS + WEEK;
const WARM_ROWS = 50;
const HOUR_MS = 3_600_000;
/** Farther than this is all the same. */
const MAX_RANGES = 1000;
/** Keeps differences within single precision. */
const MAX_VALUE = 1e30;

/** Cells of the numbers kept in double precision. */
const ROWS = 0;
const ORIGIN = 1;
const LEVEL = 2;
const MEAN = 3;
const VARIANCE = 4;
const RESIDUAL_SQUARE = 5;
const HELD = 6;
const HELD_AT = 7;
const EXPECTED = 8;
const LEADING = 9;
const LATEST = 10;
const KNOWN = 11;
const LOW = KNOWN + CHANNELS;
const HIGH = LOW + CHANNELS;
const COUNT = HIGH + CHANNELS;
const NUMBERS = COUNT + CHANNELS;

/** Bytes that one series takes, whatever its length. */
export const SERIES_BYTES = 8 * NUMBERS + 4 * (CHANNELS * CODES + 2 * SLOTS);

/** Views over one block of `SERIES_BYTES` bytes: copying the block copies the state. */
export interface SeriesState {
  readonly numbers: Float64Array;
  readonly codes: Float32Array;
  /** Means of the slots (24 hours of the day, then 168 hours of the week), then the rows behind each. */
  readonly season: Float32Array;
}

/** The state in a block of memory; a block of zeros is a new series. `offset` must be a multiple of 8. */
export function seriesOver(buffer: ArrayBufferLike, offset = 0): SeriesState {
  const codes = offset + 8 * NUMBERS;
  const season = codes + 4 * CHANNELS * CODES;
  return {
    numbers: new Float64Array(buffer, offset, NUMBERS),
    codes: new Float32Array(buffer, codes, CHANNELS * CODES),
    season: new Float32Array(buffer, season, 2 * SLOTS),
  };
}

export function createSeries(): SeriesState {
  return seriesOver(new ArrayBuffer(SERIES_BYTES));
}

/** Distance of `x` from everything that the channel knows, in ranges; then the channel learns `x`. A first change counts as one range. */
function novelty(state: SeriesState, channel: number, x: number, memoryRows: number): number {
  const { numbers, codes } = state;
  const start = channel * CODES;
  const count = numbers[COUNT + channel];
  if (count === 0) {
    numbers[LOW + channel] = x;
    numbers[HIGH + channel] = x;
    numbers[COUNT + channel] = remember(codes, start, 0, CODES, x);
    return 0;
  }
  const known = nearest(codes, start, count, x);
  const distance = Math.abs(Math.fround(x) - known);
  numbers[KNOWN + channel] = known;
  const range = numbers[HIGH + channel] - numbers[LOW + channel];
  const low = Math.min(x, numbers[LOW + channel] + range / memoryRows);
  const high = Math.max(x, numbers[HIGH + channel] - range / memoryRows);
  numbers[LOW + channel] = low;
  numbers[HIGH + channel] = high;
  // Finer steps than one in `CODES` of the range are not told apart: they would only crowd out rarer values.
  if (distance > (high - low) / CODES) numbers[COUNT + channel] = remember(codes, start, count, CODES, x);
  if (distance === 0) return 0;
  return range > 0 ? Math.min(MAX_RANGES, distance / range) : 1;
}

/** Mean of a slot, leaning on that of the wider one, before `x` is learned there. */
function learnSlot(season: Float32Array, slot: number, wider: number, x: number, settings: SeriesSettings): number {
  const rows = season[SLOTS + slot];
  const mean = (season[slot] * rows + wider * settings.seasonPriorRows) / (rows + settings.seasonPriorRows);
  const learned = Math.min(rows + 1, settings.seasonRows);
  season[SLOTS + slot] = learned;
  season[slot] += (x - season[slot]) / learned;
  return mean;
}

/** Mean of the hour of the week, leaning on the hour of the day and that on all rows, before `x` is learned there. */
function seasonalMean(state: SeriesState, timeMs: number, x: number, settings: SeriesSettings): number {
  const { numbers, season } = state;
  const hour = Math.floor(timeMs / HOUR_MS);
  const day = ((hour % HOURS) + HOURS) % HOURS;
  const week = HOURS + (((hour % WEEK) + WEEK) % WEEK);
  const byDay = learnSlot(season, day, numbers[MEAN], x, settings);
  return learnSlot(season, week, byDay, x, settings);
}

/**
 * Scores a row, then learns it. `timeMs` is milliseconds since 1970 and only its hour of the week in UTC matters; shift it
 * for another zone. Returns a score in [0, 1], rounded to 6 decimals; 0 for the first 50 rows and for what a recent
 * detection silences. Throws a RangeError, and learns nothing, when the time is not finite or the value is not within ±1e30.
 */
export function scoreSeries(
  state: SeriesState,
  timeMs: number,
  value: number,
  settings: SeriesSettings = SERIES_DEFAULTS,
): number {
  if (!Number.isFinite(timeMs) || !(Math.abs(value) <= MAX_VALUE))
    throw new RangeError('a series needs finite times and values within ±1e30');
  const { numbers } = state;
  const { memoryRows } = settings;
  const row = numbers[ROWS];
  // Codes are kept in single precision: relative to the first value they survive a large common offset.
  if (row === 0) numbers[ORIGIN] = value;
  const x = value - numbers[ORIGIN];
  const rate = Math.max(1 / memoryRows, 1 / (row + 1));

  const expected = seasonalMean(state, timeMs, x, settings);
  const residual = x - expected;
  const worth = numbers[VARIANCE] > 0 ? Math.max(0, 1 - numbers[RESIDUAL_SQUARE] / numbers[VARIANCE]) : 0;
  const off = x - numbers[MEAN];
  numbers[MEAN] += rate * off;
  numbers[VARIANCE] += rate * (off * off - numbers[VARIANCE]);
  numbers[RESIDUAL_SQUARE] += rate * (residual * residual - numbers[RESIDUAL_SQUARE]);
  numbers[LEVEL] += Math.max(1 / settings.levelRows, 1 / (row + 1)) * (x - numbers[LEVEL]);

  const byValue = novelty(state, 0, x, memoryRows);
  const bySeason = worth * novelty(state, 1, residual, memoryRows);
  const byLevel = settings.levelWeight * novelty(state, 2, numbers[LEVEL], memoryRows);
  numbers[ROWS] = row + 1;
  numbers[EXPECTED] = expected;
  numbers[LATEST] = x;
  numbers[LEADING] = bySeason > byValue ? (byLevel > bySeason ? 2 : 1) : byLevel > byValue ? 2 : 0;
  if (row < WARM_ROWS) return 0;

  // The nearest of n earlier values is closer the larger n is, until as many are forgotten as come.
  const known = Math.sqrt(1 - Math.exp(-row / memoryRows));
  const odd = known * Math.sqrt(byValue * byValue + bySeason * bySeason + byLevel * byLevel);

  const fading = 1 - (row - numbers[HELD_AT]) / settings.refractoryRows;
  if (odd <= Math.max(0, fading) * settings.refractoryFactor * numbers[HELD]) return 0;
  numbers[HELD] = odd;
  numbers[HELD_AT] = row;
  return Math.round((1e6 * odd) / (odd + settings.halfScore)) / 1e6;
}

/** The distance, in ranges, that a score stands for; 0 for a score of 0. */
export function oddness(score: number, settings: SeriesSettings = SERIES_DEFAULTS): number {
  return (settings.halfScore * score) / Math.max(1e-6, 1 - score);
}

export interface SeriesReason {
  /** What was odd most: the value, the value at this hour of the week, or the level over the last rows. */
  readonly leading: 'value' | 'season' | 'level';
  /** The mean of the hour of the week before this row. */
  readonly expected: number;
  /** What was odd: the value, or for `level` the mean of the last rows. */
  readonly odd: number;
  /** What is nearest to it of all that was known before this row; for `season` at the same distance from the season. */
  readonly nearest: number;
}

/** Why the last scored row had its score; undefined before the second row. */
export function seriesReason(state: SeriesState): SeriesReason | undefined {
  const { numbers } = state;
  if (numbers[ROWS] < 2) return undefined;
  const channel = numbers[LEADING];
  const origin = numbers[ORIGIN];
  const expected = origin + numbers[EXPECTED];
  return {
    leading: (['value', 'season', 'level'] as const)[channel],
    expected,
    odd: origin + (channel === 2 ? numbers[LEVEL] : numbers[LATEST]),
    nearest: (channel === 1 ? expected : origin) + numbers[KNOWN + channel],
  };
}
