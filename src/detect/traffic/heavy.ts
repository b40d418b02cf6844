import type { Column } from '../../stats/columns';
import { BUCKET_FIELDS, BUCKETS } from './layout';

/**
 * The values that occur most, in bounded memory and constant time an occurrence: a table of buckets, each with one
 * candidate that gains a vote when it occurs and loses one when another of its bucket does (majority vote of Boyer and
 * Moore; invertible sketch of Tang et al., INFOCOM 2019). Two frequent values in one bucket hide one another.
 */
const VALUE = 0;
const VOTES = 1;
/** Slot + 1 of the candidate's series; 0 where it has none. */
const SLOT = 2;

/** Counts `value`. Returns the candidate's slot where it is the value and has one, else −1. */
export function vote({ data }: Column, group: number, value: number): number {
  const at = (group * BUCKETS + (value % BUCKETS)) * BUCKET_FIELDS;
  if (data[at + VALUE] === value) {
    data[at + VOTES]++;
    return data[at + SLOT] - 1;
  }
  // A candidate with a series is replaced only when the hour turns, so that its series ends in one place.
  if (data[at + VOTES] > 0) data[at + VOTES]--;
  else if (data[at + SLOT] === 0) {
    data[at + VALUE] = value;
    data[at + VOTES] = 1;
  }
  return -1;
}

export function votes({ data }: Column, group: number, value: number): number {
  const at = (group * BUCKETS + (value % BUCKETS)) * BUCKET_FIELDS;
  return data[at + VALUE] === value ? data[at + VOTES] : 0;
}

/** Half of the past is forgotten. */
export function halve({ data }: Column): void {
  for (let at = VOTES; at < data.length; at += BUCKET_FIELDS) data[at] >>>= 1;
}

/**
 * Gives slots to the candidates of a group with at least `fewest` votes, strongest first, and takes them from those that
 * have no votes left or fewer than half of a newcomer's. `free` answers a free slot or −1; `begin` and `end` open and close
 * a series.
 */
export function assign(
  column: Column,
  group: number,
  fewest: number,
  free: () => number,
  begin: (slot: number, value: number) => void,
  end: (slot: number) => void,
): void {
  const { data } = column;
  const first = group * BUCKETS * BUCKET_FIELDS;
  const release = (at: number) => {
    end(data[at + SLOT] - 1);
    data[at + SLOT] = 0;
  };
  const candidates: number[] = [];
  const holders: number[] = [];
  for (let at = first; at < first + BUCKETS * BUCKET_FIELDS; at += BUCKET_FIELDS) {
    if (data[at + SLOT] > 0 && data[at + VOTES] === 0) release(at);
    if (data[at + SLOT] > 0) holders.push(at);
    else if (data[at + VOTES] >= fewest) candidates.push(at);
  }
  const byVotes = (a: number, b: number) => data[b + VOTES] - data[a + VOTES] || a - b;
  holders.sort(byVotes);
  for (const at of candidates.sort(byVotes)) {
    let slot = free();
    if (slot < 0) {
      const least = holders[holders.length - 1];
      if (least === undefined || data[at + VOTES] <= 2 * data[least + VOTES]) return;
      holders.pop();
      release(least);
      slot = free();
    }
    data[at + SLOT] = slot + 1;
    begin(slot, data[at + VALUE]);
  }
}
