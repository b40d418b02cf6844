import type { Consumer, OffsetsByTopicPartition } from 'kafkajs';
import type { KafkaLog } from './connection';
import { explain, isDeposed } from './faults';
import type { PartitionFacts } from './places';

/** Commits at most this often: a commit in flight costs the broker more than the records it spares a restart. */
export const COMMIT_EVERY_MS = 1_000;

/** The client's commit that belongs to the group generation in which it is called and does not retry by itself. */
export type CommitNow = (offsets: OffsetsByTopicPartition) => Promise<void>;

/** Places that are durable but not yet committed, one per partition. */
export interface Commits {
  /** The partition is durable up to before `next`. `commit` is used for all that waits. */
  note(partition: number, next: number, commit: CommitNow): void;
  /** Forgets what waits: it belonged to a generation that is over. The records come again. */
  drop(): void;
  /** Commits what waits, after a commit in flight. Never throws: what failed waits on. */
  flush(): Promise<void>;
  /** Starts and ends the committing every second. */
  start(): void;
  stop(): void;
}

/** @param failed told why a commit did not succeed; during a rebalance that is usual */
export function createCommits(topic: string, failed: (error: unknown) => void): Commits {
  let waiting = new Map<number, number>();
  let commit: CommitNow | undefined;
  let flushing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const once = async () => {
    if (!commit || waiting.size === 0) return;
    const batch = waiting;
    const partitions = [...batch].map(([partition, next]) => ({ partition, offset: String(next) }));
    try {
      await commit({ topics: [{ topic, partitions }] });
      for (const { partition, offset } of partitions) {
        if (batch.get(partition) === Number(offset)) batch.delete(partition);
      }
    } catch (error) {
      failed(error);
    }
  };

  return {
    note: (partition, next, use) => {
      waiting.set(partition, next);
      commit = use;
    },
    drop: () => {
      // A new map: a commit in flight may still answer for the old one.
      waiting = new Map();
    },
    flush: () => {
      flushing = flushing.then(once);
      return flushing;
    },
    start() {
      timer = setInterval(() => void this.flush(), COMMIT_EVERY_MS);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}

/** The same commit; `deposed` is called where the coordinator answers that this member has no say any more. */
export const fenced =
  (commit: CommitNow, deposed: () => void): CommitNow =>
  (offsets) =>
    commit(offsets).catch((error) => {
      if (isDeposed(error)) deposed();
      throw error;
    });

/** Makes the first start's place the group's, for all partitions at once: a later member must not choose again. */
export async function commitStart(
  consumer: Pick<Consumer, 'commitOffsets'>,
  topic: string,
  facts: ReadonlyMap<number, PartitionFacts>,
  log: KafkaLog,
): Promise<void> {
  const fresh = [...facts].filter(([, { committed }]) => committed === undefined);
  if (fresh.length === 0) return;
  const offsets = fresh.map(([partition, { start }]) => ({ topic, partition, offset: String(start) }));
  await consumer
    .commitOffsets(offsets)
    .catch((error) => log('debug', 'the first place was not committed', { error: explain(error, topic) }));
}
