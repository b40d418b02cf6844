import type { Engine } from '../engine';
import type { RawRecord } from '../ports';
import type { nothingWithheld } from './history';
import type { JournalEntry } from './journal';
import type { RuntimeParts } from './parts';

/** What the loop keeps of a partition that is ours. */
export interface Partition {
  readonly id: number;
  readonly engine: Engine;
  /** Effects of records below this offset are durable already: they are advanced over silently. */
  readonly liveFrom: number;
  /** Entries of the journal that wait for their place. */
  readonly journal: JournalEntry[];
  /** Digest of the inventory that the engine has, '' for none. */
  inventory: string;
  /** Digest of the inventory that was written to the internal log, from where it comes back. */
  asked: string | undefined;
  /** Calls for one partition run one after another. */
  turn: Promise<unknown>;
  lastSliceAt: number;
  lag: number | undefined;
  /** False until there is a checkpoint to go back to; the first slice waits for an empty one. */
  anchored: boolean;
  lastCheckpointAt: number;
  /** Place of the last checkpoint begun. */
  savedNext: number;
  saving: Promise<void> | undefined;
  /** While it learns from history. */
  readonly withheld: ReturnType<typeof nothingWithheld>;
  /** Set when effects could not be made durable: the state is ahead of them and must not be saved or used any more. */
  fault: unknown;
}

/**
 * A piece ends with the slice, where silence or history ends, or where an entry of the journal belongs. Where there is `joins`, a
 * record for which it does not hold is a piece of its own: what comes behind it is read in its light.
 */
export function pieceEnd(
  partition: Partition,
  records: readonly RawRecord[],
  from: number,
  joins: ((record: RawRecord) => boolean) | undefined,
): number {
  if (joins !== undefined && !joins(records[from])) return from + 1;
  const silent = records[from].offset < partition.liveFrom;
  const until = partition.engine.learning.until();
  const place = partition.journal.length > 0 ? partition.journal[0].next : Infinity;
  const entry = until > records[from].offset ? Math.min(place, until) : place;
  let to = from + 1;
  while (to < records.length) {
    const { offset } = records[to];
    if (offset >= entry || (silent && offset >= partition.liveFrom) || joins?.(records[to]) === false) break;
    to++;
  }
  return to;
}

const SPOT_CHECK = 200;

/** Of how many keys of a partition (`sample`) another one knows the same key (`shared`). */
function sharedKeys(
  partition: Partition,
  all: Iterable<Partition>,
): { readonly sample: number; readonly shared: number } {
  const others = [...all].filter((other) => other !== partition);
  const sample = partition.engine.sampleKeys(SPOT_CHECK);
  const shared = sample.filter((key) => others.some((other) => other.engine.has(key)));
  return { sample: sample.length, shared: shared.length };
}

/** A key in two partitions has two halves of a baseline. That is a property of the topic; answers whether it was told. */
export function tellSpread(
  { warn }: Pick<RuntimeParts, 'warn'>,
  partition: Partition,
  all: ReadonlyMap<number, Partition>,
): boolean {
  if (all.size < 2) return false;
  const { sample, shared } = sharedKeys(partition, all.values());
  if (sample < 10 || shared < sample / 10) return false;
  warn('keys are spread over partitions: each partition learns a baseline of its own; key the topic by key id', {
    share: shared / sample,
  });
  return true;
}
