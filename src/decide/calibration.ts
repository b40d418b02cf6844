import { at, type Column, type ColumnAccess, type ColumnSpec, part } from '../stats/columns';

/**
 * Makes a score honest against the stream's own recent past. Kept: for every key-day the greatest score of the day, as a
 * fading histogram over the partition. The surprise of a score is −log10 of the share of key-days that reached it, with
 * `PRIOR_KEY_DAYS` of "a score of s is reached on 10⁻ˢ of key-days" mixed in. Beyond the scores that were reached often
 * enough to count, the tail goes on falling tenfold per unit (peaks over threshold with an exponential tail; Pickands,
 * Ann. Statist. 3 (1975) 119–131).
 */
const STEP = 0.1;
const BINS = 100;
const PRIOR_KEY_DAYS = 300;
const ENOUGH = 5;
/** The past fades so that about this many key-days of the partition count. */
const MEMORY_KEY_DAYS = 50_000;

export const calibrationColumns: readonly ColumnSpec[] = [
  { name: 'calibration.day', type: 'u16', width: 1, version: 2, scope: 'key' },
  { name: 'calibration.most', type: 'f32', width: 1, version: 1, scope: 'key' },
  { name: 'calibration.histogram', type: 'f64', width: BINS + 1, version: 1, scope: 'partition' },
];
const TOTAL = BINS;

export interface Calibration {
  /** Closes the key's day when `day` is a later one. Called once an event, before scores are noted. */
  turn(row: number, day: number): void;
  /** Notes a score of the present day. */
  note(row: number, score: number): void;
  /** −log10 of the chance that a benign key-day reaches this score; rounded to thousandths, so that thresholds are met alike everywhere. */
  surprise(score: number): number;
  keyDays(): number;
}

export function bindCalibration(tables: ColumnAccess): Calibration {
  const days = tables.column('calibration.day');
  const most = tables.column('calibration.most');
  const histogram = tables.column('calibration.histogram');
  return {
    turn(row, day) {
      const before = part(days, row)[at(days, row)];
      if (day <= before) return;
      part(days, row)[at(days, row)] = day;
      if (before === 0) return;
      add(histogram, part(most, row)[at(most, row)], day - before);
      part(most, row)[at(most, row)] = 0;
    },
    note(row, score) {
      if (score > part(most, row)[at(most, row)]) part(most, row)[at(most, row)] = score;
    },
    surprise: (score) => Math.round(calibrated(histogram.data, score) * 1000) / 1000,
    keyDays: () => histogram.data[TOTAL],
  };
}

/** One key-day with its greatest score, and `days − 1` quiet ones. */
function add(histogram: Column, score: number, days: number): void {
  const data = histogram.data;
  if (data[TOTAL] > MEMORY_KEY_DAYS) for (let i = 0; i <= BINS; i++) data[i] *= 0.5;
  data[TOTAL] += days;
  if (score > 0) data[Math.min(BINS - 1, Math.floor(score / STEP))]++;
}

function calibrated(data: Column['data'], score: number): number {
  const bin = Math.min(BINS - 1, Math.floor(score / STEP));
  let tail = 0;
  let edge = -1;
  let tailAtEdge = 0;
  for (let i = BINS - 1; i >= 0; i--) {
    tail += data[i];
    if (edge < 0 && tail >= ENOUGH) {
      edge = i;
      tailAtEdge = tail;
    }
    if (i === bin && edge >= 0) return toSurprise(share(data, tail, i * STEP));
  }
  if (edge < 0) return toSurprise(share(data, 0, 0) * 10 ** -score);
  return toSurprise(share(data, tailAtEdge, edge * STEP)) + (score - edge * STEP);
}

function share(data: Column['data'], tail: number, score: number): number {
  return (tail + PRIOR_KEY_DAYS * 10 ** -score) / (data[TOTAL] + PRIOR_KEY_DAYS);
}

function toSurprise(probability: number): number {
  return Math.max(0, -Math.log10(probability));
}
