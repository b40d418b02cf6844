import { at, type Column, type ColumnAccess, type ColumnSpec, part } from '../stats/columns';

/** What every detector may know of a key's past: since when, how much, how settled. Times in seconds since 1970 UTC. */
export const baselineColumns: readonly ColumnSpec[] = [
  { name: 'baseline.first', type: 'u32', width: 1, version: 1, scope: 'key' },
  { name: 'baseline.last', type: 'u32', width: 1, version: 1, scope: 'key' },
  { name: 'baseline.events', type: 'u32', width: 1, version: 2, scope: 'key' },
  { name: 'baseline.activeDays', type: 'u16', width: 1, version: 2, scope: 'key' },
  /** Networks, clients and actors that the key brought, as they were learned (`past.ts`). */
  { name: 'baseline.known', type: 'u16', width: 3, version: 1, scope: 'key' },
  /** Keys active on the present day, on the day before, and which day that is. */
  { name: 'fleet.activeKeys', type: 'f64', width: 3, version: 1, scope: 'partition' },
  /** Sum over keys of their exposure in days. */
  { name: 'fleet.keyDays', type: 'f64', width: 1, version: 1, scope: 'partition' },
];

const DAY = 86_400;
const SETTLED_EVENTS = 10;

export interface Baseline {
  /** Seconds of the key's latest event before this one, whether it taught or not; 0 before the first. */
  last(row: number): number;
  /** Seconds of the key's first event. */
  since(row: number): number;
  events(row: number): number;
  /** Days with an event, whether it taught or not. */
  activeDays(row: number): number;
  /** Days since the first event, at least a thousandth. */
  age(row: number, seconds: number): number;
  /** 0–1: grows with age (1 − 1/e at the maturity) and with events. */
  confidence(row: number, seconds: number, maturityDays: number): number;
  /** Grows with recent use and with days in use: what has least is given up first. */
  worth(row: number): number;
  /** Keys active on one day, as many as the fuller of this day and the one before. */
  activeKeys(): number;
  /** Exposure of all keys of the partition, days. */
  keyDays(): number;
  /** Notes an event at `seconds`; `taught` is false for those of suspect actors, which do not count as the key's past. */
  learn(row: number, seconds: number, taught: boolean): void;
}

export function bindBaseline(tables: ColumnAccess): Baseline {
  const first = tables.column('baseline.first');
  const last = tables.column('baseline.last');
  const events = tables.column('baseline.events');
  const activeDays = tables.column('baseline.activeDays');
  const active = tables.column('fleet.activeKeys');
  const keyDays = tables.column('fleet.keyDays');

  const age = (row: number, seconds: number) => Math.max(0.001, (seconds - part(first, row)[at(first, row)]) / DAY);
  return {
    last: (row) => part(last, row)[at(last, row)],
    since: (row) => part(first, row)[at(first, row)],
    events: (row) => part(events, row)[at(events, row)],
    activeDays: (row) => part(activeDays, row)[at(activeDays, row)],
    age,
    confidence(row, seconds, maturityDays) {
      const n = part(events, row)[at(events, row)];
      if (n === 0) return 0;
      return (1 - Math.exp(-age(row, seconds) / maturityDays)) * (n / (n + SETTLED_EVENTS));
    },
    worth: (row) => part(last, row)[at(last, row)] + part(activeDays, row)[at(activeDays, row)] * DAY,
    activeKeys: () => Math.max(active.data[0], active.data[1], 1),
    keyDays: () => keyDays.data[0],
    learn(row, seconds, taught) {
      if (part(first, row)[at(first, row)] === 0) part(first, row)[at(first, row)] = seconds;
      if (taught) part(events, row)[at(events, row)]++;
      const before = part(last, row)[at(last, row)];
      if (seconds <= before) return;
      part(last, row)[at(last, row)] = seconds;
      const lastDay = Math.floor(before / DAY);
      const day = Math.floor(seconds / DAY);
      if (day <= lastDay) return;
      if (lastDay > 0) keyDays.data[0] += day - lastDay;
      part(activeDays, row)[at(activeDays, row)]++;
      countActive(active, day);
    },
  };
}

function countActive(active: Column, day: number): void {
  if (day > active.data[2]) {
    active.data[1] = day === active.data[2] + 1 ? active.data[0] : 0;
    active.data[0] = 0;
    active.data[2] = day;
  }
  if (day === active.data[2]) active.data[0]++;
}
