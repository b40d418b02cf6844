import type { Effects } from '../engine';
import type { Learned } from '../engine/learning';
import type { Slice } from '../ports';
import type { Partition } from './partition';

/** Learning from history: what there was before keywatch is learned, and nobody is told of it. */
export interface History {
  /** Told when a partition has caught up, and from here on speaks. */
  readonly learned: (partition: number, learned: Learned & Withheld) => void;
}

/** What was not said of history, since the start of this process. */
export interface Withheld {
  readonly alerts: number;
  readonly requests: number;
  readonly rejected: number;
}

export const nothingWithheld = (): { -readonly [K in keyof Withheld]: Withheld[K] } => ({
  alerts: 0,
  requests: 0,
  rejected: 0,
});

const YOUNG = 20;

/**
 * Where history ends for a partition that begins with this slice: behind all records that lie in the log now. A file says only
 * roughly how many these are; there history ends when nothing waits any more.
 */
export function endOfHistory({ records, lag }: Slice): number {
  const last = records[records.length - 1];
  if (last === undefined) return 0;
  return last.timestamp === undefined || lag === undefined ? Number.MAX_SAFE_INTEGER : last.offset + 1 + lag;
}

/** Whether a partition that is learning has caught up, where the next record is `next` and so many wait. */
export function caughtUp({ engine }: Partition, next: number, waiting: number | undefined): boolean {
  const until = engine.learning.until();
  return until > 0 && (next >= until || (until === Number.MAX_SAFE_INTEGER && waiting === 0));
}

/** What is left of effects: nothing that speaks or acts while the partition learns. */
export function spoken(partition: Partition, effects: Effects): Effects {
  if (partition.engine.learning.until() === 0) return effects;
  partition.withheld.alerts += effects.alerts.filter(({ event }) => event.kind === 'alert').length;
  partition.withheld.requests += effects.requests.length;
  return { ...effects, alerts: [], requests: [], differences: [] };
}

export const learnedBy = (partition: Partition): Learned & Withheld => ({
  ...partition.engine.learning.learned(YOUNG),
  ...partition.withheld,
});
