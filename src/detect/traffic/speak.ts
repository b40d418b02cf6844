import type { Column } from '../../stats/columns';
import type { SeriesReason } from '../../stats/series';
import { FAILURES, KEYS, MOVED_AT, RING, RING_COUNT, RING_DAYS, STRONGEST, TOLD } from './layout';

/** A series that moved in the window that ends. */
export interface Candidate extends SeriesReason {
  readonly slot: number;
  /** Logarithm of the oddness, relative to the series' own greatest of a usual day. */
  readonly strength: number;
}

/** One notice in so many benign days, at most. */
const DAYS_A_NOTICE = 7;
/** Past days that must be known before anything is told. */
const FEWEST_DAYS = 3;
/** What moves within so many seconds of the last movement is the same incident. */
const INCIDENT = 6 * 3_600;
const MAX_A_DAY = 3;
const MAX_MOVEMENTS = 5;

/**
 * Whether a difference is worth a person's time, however odd it is. Numbers: half as large again as, or a third less than,
 * the mean of the hour of the week, by at least 50 requests (10 keys) and six standard deviations of a Poisson count; and a
 * quarter more or a fifth less, by three, than the nearest of all that was seen before. Failures: at least five, and
 * their share doubled and 5 in a hundred more than both; fewer than usual are not.
 */
export function isMaterial(slot: number, reason: SeriesReason, failures: number): boolean {
  const { odd, expected, nearest } = reason;
  if (slot === FAILURES) {
    const before = Math.max(expected, nearest);
    return failures >= 5 && odd >= 2 * before && odd - before >= 0.05;
  }
  return differs(odd, expected, 1.5, 6, slot === KEYS ? 10 : 50) && differs(odd, nearest, 1.25, 3, 0);
}

function differs(value: number, from: number, ratio: number, deviations: number, least: number): boolean {
  const usual = Math.max(0, from);
  const most = Math.max(value, usual);
  const difference = Math.abs(value - usual);
  return most >= ratio * Math.min(value, usual) && difference >= Math.max(least, deviations * Math.sqrt(most));
}

/**
 * Decides whether the window is told of. The strongest movement of a benign day is as likely as any other of the last 28
 * days' to be the strongest of them: told is what belongs among the strongest seventh, whatever distribution they have. So
 * at most about one benign day in seven is told of. Movements close together are one incident and told once.
 */
export function chooseAll(
  clock: Column,
  candidates: readonly Candidate[],
  startsAt: number,
): { readonly surprise: number; readonly movements: readonly Candidate[] } | undefined {
  if (candidates.length === 0) return undefined;
  const { data } = clock;
  const sorted = [...candidates].sort((a, b) => b.strength - a.strength || a.slot - b.slot);
  const { strength } = sorted[0];
  const days = data[RING_COUNT];
  // An empty day stands as 0 in the ring.
  const key = Math.exp(Math.min(50, Math.max(-50, strength)));
  if (key > data[STRONGEST]) data[STRONGEST] = key;
  const known = Math.min(days, RING_DAYS);
  let stronger = 0;
  for (let i = 0; i < known; i++) if (data[RING + i] >= key) stronger++;
  if (known < FEWEST_DAYS || stronger >= Math.max(1, Math.floor((known + 1) / DAYS_A_NOTICE))) return undefined;
  const same = data[MOVED_AT] > 0 && startsAt - data[MOVED_AT] < INCIDENT;
  data[MOVED_AT] = startsAt;
  if (same || data[TOLD] >= MAX_A_DAY) return undefined;
  data[TOLD]++;
  return { surprise: -Math.log10((stronger + 1) / (known + 1)), movements: sorted.slice(0, MAX_MOVEMENTS) };
}

/** A day ends. `settled`: its strongest movement may be compared with. */
export function turnRing({ data }: Column, settled: boolean): void {
  if (settled) {
    data[RING + (data[RING_COUNT] % RING_DAYS)] = data[STRONGEST];
    data[RING_COUNT]++;
  }
  data[STRONGEST] = 0;
  data[TOLD] = 0;
}
