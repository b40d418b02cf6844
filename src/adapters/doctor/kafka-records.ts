import { randomBytes } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import type { PartitionFacts } from '../kafka/places';
import { SAMPLE_RECORDS } from './sample';

/** A broker may hold the first member of a group for 3 s (`group.initial.rebalance.delay.ms`). */
export const READ_MS = 8_000;

export interface ReadRecord {
  readonly value: Buffer;
  readonly keyed: boolean;
  readonly timestamp: number;
}

/**
 * Up to fifty of the newest records over all partitions. A group of its own name is joined for it and left again, and
 * commits nothing, so that the configured group is not disturbed; the broker forgets a group without commits. Its name
 * begins as that of the configured group, where a prefixed right may cover it. What has come when the time ends counts.
 */
export async function newestRecords(
  kafka: Kafka,
  topic: string,
  group: string,
  facts: ReadonlyMap<number, PartitionFacts>,
): Promise<readonly ReadRecord[]> {
  const filled = [...facts].filter(([, { low, high }]) => high > low);
  if (filled.length === 0) return [];
  const each = Math.max(1, Math.floor(SAMPLE_RECORDS / filled.length));
  const waiting = new Set(filled.map(([partition]) => partition));
  const found: ReadRecord[] = [];
  const consumer = kafka.consumer({
    groupId: `${group.slice(0, 200)}.doctor.${randomBytes(6).toString('hex')}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 200,
    maxBytesPerPartition: 1_048_576,
    maxBytes: 4_194_304,
    retry: { retries: 0 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, READ_MS);
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      const take = async (partition: number, messages: readonly KafkaMessage[]) => {
        for (const message of messages) if (found.length < SAMPLE_RECORDS) found.push(record(message));
        const last = messages.at(-1);
        const end = facts.get(partition)?.high ?? 0;
        if (last !== undefined && Number(last.offset) >= end - 1) waiting.delete(partition);
        if (waiting.size === 0 || found.length >= SAMPLE_RECORDS) resolve();
      };
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: true,
          eachBatch: ({ batch }) => take(batch.partition, batch.messages),
        })
        .catch(reject);
      for (const [partition, { low, high }] of filled) {
        consumer.seek({ topic, partition, offset: String(Math.max(low, high - each)) });
      }
    });
  } finally {
    clearTimeout(timer);
    await consumer.disconnect().catch(() => undefined);
  }
  return found;
}

const record = ({ key, value, timestamp }: KafkaMessage): ReadRecord => ({
  value: value ?? Buffer.alloc(0),
  keyed: key !== null && key.length > 0,
  timestamp: Number(timestamp),
});
