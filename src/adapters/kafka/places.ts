import type { Admin, Kafka } from 'kafkajs';
import type { KafkaLog } from './connection';

/** Where a group without committed offsets begins: an RFC 3339 time means the first record written at or after it. */
export type Start = 'earliest' | 'latest' | (string & {});

/** What the broker knows of one partition when a group member takes it over. Offsets of records, not of commits. */
export interface PartitionFacts {
  /** The group's committed place: the next offset to read. */
  readonly committed: number | undefined;
  /** Oldest offset that still exists. */
  readonly low: number;
  /** Offset that the next record will get. */
  readonly high: number;
  /** Where to begin when nothing is committed. */
  readonly start: number;
}

/** Runs `work` with a connected admin client of its own; connection and disconnection included. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Number of partitions of a topic; throws the client's `UNKNOWN_TOPIC_OR_PARTITION` when there is none. */
export function countPartitions(kafka: Kafka, topic: string): Promise<number> {
  return withAdmin(kafka, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0].partitions.length;
  });
}

/** Throws where a topic has another number of partitions than it must have: keys would lie in other ones. */
export function mustHave(wanted: number | undefined, found: number, topic: string): void {
  if (wanted === undefined || wanted === found) return;
  throw new Error(
    `topic ${topic} has ${found} partitions and source.log.partitions is ${wanted}: keys would change their partitions ` +
      'and lose their baselines. Correct source.log.partitions; if the topic was enlarged, name a new one with a new state',
  );
}

/**
 * The facts of every partition of the topic, by partition. A partition that has no committed place while others of the
 * group have one was added later and begins with its first record, whatever `start` says.
 */
export function lookUp(kafka: Kafka, topic: string, group: string, start: Start): Promise<Map<number, PartitionFacts>> {
  return withAdmin(kafka, async (admin) => {
    const committed = new Map<number, number>();
    for (const entry of await admin.fetchOffsets({ groupId: group, topics: [topic] })) {
      for (const { partition, offset } of entry.partitions) {
        // Negative: none. The client itself commits −2 (earliest) when it finds its place deleted by retention.
        if (Number(offset) >= 0) committed.set(partition, Number(offset));
      }
    }
    // After the committed places, so that the end can only lie at or behind them.
    const ends = await admin.fetchTopicOffsets(topic);
    const fresh = committed.size === 0;
    const timed = new Map<number, number>();
    if (fresh && start !== 'earliest' && start !== 'latest') {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, Date.parse(start));
      for (const { partition, offset } of found) timed.set(partition, Number(offset));
    }
    return new Map(
      ends.map(({ partition, low, high }) => {
        const begin = fresh && start === 'latest' ? Number(high) : (timed.get(partition) ?? Number(low));
        const facts = { committed: committed.get(partition), low: Number(low), high: Number(high), start: begin };
        return [partition, facts];
      }),
    );
  });
}

interface Where {
  readonly topic: string;
  readonly partition: number;
  readonly facts: PartitionFacts;
  readonly log: KafkaLog;
  /** Told of records that were never read. */
  readonly lost?: (() => void) | undefined;
}

/**
 * The offset to go on from instead of `next`, given what the topic still has: behind records that retention deleted (an
 * error line says how many). Throws when the place lies beyond the end: then the topic is not the one read before.
 */
export function within(next: number, { topic, partition, facts, log, lost }: Where): number {
  if (next > facts.high) {
    throw new Error(
      `partition ${partition} of ${topic} ends at offset ${facts.high}, before the place ${next} where reading stopped: ` +
        'the topic was created anew or lost records; remove the state and reset the group to go on',
    );
  }
  if (next < facts.low) reportLoss(next, { topic, partition, facts, log, lost });
  return Math.max(next, facts.low);
}

export function reportLoss(next: number, { topic, partition, facts, log, lost }: Where): void {
  const which = { topic, partition, from: next, to: facts.low, records: facts.low - next };
  log('error', 'records were deleted by retention before they were read', which);
  lost?.();
}
