import type { Column, ColumnSpec } from '../../stats/columns';
import { insert, SKETCH_BYTES } from '../../stats/distinct';

const HOUR = 3_600;
const DAY = 86_400;
const WAYS = 8;
const NETWORKS = 512;
/** From so many different refused keys within an hour on it is no mistake in somebody's configuration. */
export const MANY = 20;

/**
 * Kept a network: its hash, its last refusal, the begin of the open hour and the keys refused in it, the most keys of an
 * hour and when that was (for a day), and the day on which people were told. Seconds and days since 1970.
 */
const NET = 0;
const LAST = 1;
const SINCE = 2;
const KEYS = 3;
const MOST = 4;
const MOST_AT = 5;
const TOLD = 6;
const FIELDS = 7;

export const networkColumns: readonly ColumnSpec[] = [
  { name: 'stuffing.networks', type: 'f64', width: NETWORKS * FIELDS, version: 1, scope: 'partition' },
  { name: 'stuffing.sketches', type: 'u8', width: NETWORKS * SKETCH_BYTES, version: 1, scope: 'partition' },
];

/** Networks from which keys are refused: 512 of them, the longest inactive replaced, those with many keys a day later. */
export interface Networks {
  /** Notes a refusal; answers how many different keys were refused there in this hour, and since when. */
  note(near: number, keyHash: number, seconds: number): { readonly keys: number; readonly since: number };
  /** The most keys refused there within an hour of the last day, and when (seconds); undefined below `MANY`. */
  recent(near: number, seconds: number): { readonly keys: number; readonly at: number } | undefined;
  /** True once a day for each network: that people be told of it. */
  tell(near: number, day: number): boolean;
}

export function bindNetworks(kept: Column, sketches: Column): Networks {
  function find(near: number): number {
    const from = (near % (NETWORKS / WAYS)) * WAYS;
    for (let slot = from; slot < from + WAYS; slot++) if (kept.data[slot * FIELDS + NET] === near) return slot;
    return -1;
  }

  function claim(near: number): number {
    const { data } = kept;
    const from = (near % (NETWORKS / WAYS)) * WAYS;
    let victim = from;
    for (let slot = from + 1; slot < from + WAYS; slot++) if (worth(slot) < worth(victim)) victim = slot;
    data.fill(0, victim * FIELDS, (victim + 1) * FIELDS);
    data[victim * FIELDS + NET] = near;
    return victim;
  }

  function worth(slot: number): number {
    return kept.data[slot * FIELDS + LAST] + (kept.data[slot * FIELDS + MOST] >= MANY ? DAY : 0);
  }

  return {
    note(near, keyHash, seconds) {
      const { data } = kept;
      const found = find(near);
      const slot = found < 0 ? claim(near) : found;
      const at = slot * FIELDS;
      if (found < 0 || seconds - data[at + SINCE] >= HOUR) {
        data[at + SINCE] = seconds;
        data[at + KEYS] = 0;
        sketches.data.fill(0, slot * SKETCH_BYTES, (slot + 1) * SKETCH_BYTES);
      }
      data[at + KEYS] += insert(sketches.data, slot * SKETCH_BYTES, keyHash);
      data[at + LAST] = Math.max(data[at + LAST], seconds);
      if (data[at + KEYS] >= data[at + MOST] || seconds - data[at + MOST_AT] >= DAY) {
        data[at + MOST] = data[at + KEYS];
        data[at + MOST_AT] = seconds;
      }
      return { keys: data[at + KEYS], since: data[at + SINCE] };
    },
    recent(near, seconds) {
      const slot = find(near);
      if (slot < 0) return undefined;
      const at = slot * FIELDS;
      const keys = kept.data[at + MOST];
      return keys >= MANY && seconds - kept.data[at + MOST_AT] < DAY
        ? { keys, at: kept.data[at + MOST_AT] }
        : undefined;
    },
    tell(near, day) {
      const slot = find(near);
      if (slot < 0 || kept.data[slot * FIELDS + TOLD] >= day) return false;
      kept.data[slot * FIELDS + TOLD] = day;
      return true;
    },
  };
}
