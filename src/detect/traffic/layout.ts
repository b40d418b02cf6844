import { type Column, type ColumnSpec, growColumn } from '../../stats/columns';
import { SERIES_BYTES, type SeriesState, seriesOver } from '../../stats/series';

/** Length of a window, seconds: five minutes, the step of the benchmark that the series detector was chosen on. */
export const WINDOW = 300;

/** Series of the fleet, which are always kept: requests, share of failures, active keys. */
export const REQUESTS = 0;
export const FAILURES = 1;
export const KEYS = 2;
export const FLEET_SLOTS = 3;
/** Routes, and tenants, that have a series of their own. */
export const SLOTS_A_GROUP = 32;
export const MAX_SLOTS = FLEET_SLOTS + 2 * SLOTS_A_GROUP;

/** What the slot stands for: 0 nothing, 1 the fleet, then the group + 2. */
export const KIND = 0;
export const HASH = 1;
/** Requests in the open window. */
export const COUNT = 2;
/** Of these, the candidate for the key that made most of them (row + 1) and its votes. */
export const KEY = 3;
export const VOTES = 4;
/** Start of the series, seconds. */
export const SINCE = 5;
/** Greatest oddness of the day so far; mean of the logarithm of past days' greatest; number of such days. */
export const DAY_MOST = 6;
export const USUAL = 7;
export const DAYS = 8;
export const SLOT_FIELDS = 9;
/** Days after which a series may speak: the week that its season is made of. */
export const SETTLED_DAYS = 7;

/** The open window's number, requests, failures and active keys; the usual share of failures. */
export const WINDOW_ID = 0;
export const FAILED = 1;
export const ACTIVE = 2;
export const USUAL_SHARE = 3;
/** Hour and day that were last turned. */
export const HOUR_ID = 4;
export const DAY_ID = 5;
/** When something last moved, seconds; notices of the day. */
export const MOVED_AT = 6;
export const TOLD = 7;
/** Strongest movement of the day; how many past days' are kept, and these in a ring. */
export const STRONGEST = 8;
export const RING_COUNT = 9;
/** Since when failures are too many to be learned, seconds; 0 when they are not. */
export const ILL_SINCE = 10;
export const RING = 11;
export const RING_DAYS = 28;

export const BUCKETS = 128;
export const BUCKET_FIELDS = 3;
export const GROUPS = 2;

export const trafficColumns: readonly ColumnSpec[] = [
  { name: 'traffic.clock', type: 'f64', width: RING + RING_DAYS, version: 2, scope: 'partition' },
  { name: 'traffic.buckets', type: 'u32', width: GROUPS * BUCKETS * BUCKET_FIELDS, version: 1, scope: 'partition' },
  { name: 'traffic.slots', type: 'f64', width: MAX_SLOTS * SLOT_FIELDS, version: 1, scope: 'partition' },
  /** One row a series in use; grows with them. */
  { name: 'traffic.series', type: 'f64', width: SERIES_BYTES / 8, version: 1, scope: 'partition' },
];

/** The series of a slot, its memory made where there is none yet. */
export function seriesOf(column: Column, slot: number): SeriesState {
  if (column.data.length < (slot + 1) * column.width) growColumn(column, Math.min(MAX_SLOTS, slot + 4));
  return seriesOver(column.data.buffer, column.data.byteOffset + slot * SERIES_BYTES);
}
