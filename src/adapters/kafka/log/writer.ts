import type { Kafka } from 'kafkajs';
import type { Addressed } from '../../../runtime/repartition';
import { plainProducer } from '../connection';
import { explain } from '../faults';
import { countPartitions, mustHave } from '../places';

/** The client makes one batch of what goes to a partition in one request; brokers refuse more than about a megabyte. */
const PARTITION_BYTES = 786_432;
const REQUEST_BYTES = 4_194_304;
/** The broker's own limit for the replicas to have a batch. */
const ACK_MS = 15_000;

export interface LogWriter {
  /** Resolves when all replicas in sync have the records, each behind those of its partition that were written before. */
  write(records: readonly Addressed[]): Promise<void>;
  close(): Promise<void>;
}

interface Waiting extends Addressed {
  readonly done: ((error?: unknown) => void) | undefined;
}

/**
 * Appends to the internal log: one request at a time, with everything that waits, and the next only when all replicas in
 * sync have it. Gives up after the client's bounded tries, and then for good: what was written later must not overtake
 * what may not be there. The producer is not idempotent, because the client's retries such for ever; Detect drops what
 * comes twice. What waits is bounded by the callers, who wait for their own records.
 */
export function createLogWriter(kafka: Kafka, topic: string, partitions: number): LogWriter {
  const producer = plainProducer(kafka);
  let connected: Promise<void> | undefined;
  let waiting: Waiting[] = [];
  let pumping: Promise<void> | undefined;
  let fault: Error | undefined;
  let closed = false;

  async function connect(): Promise<void> {
    await producer.connect();
    mustHave(partitions, await countPartitions(kafka, topic), topic);
  }

  /** The first of what waits, as much as one request takes. */
  function portion(): Waiting[] {
    const bytesOf = new Map<number, number>();
    let total = 0;
    let count = 0;
    for (const { partition, value } of waiting) {
      const bytes = (bytesOf.get(partition) ?? 0) + value.length;
      total += value.length;
      if (count > 0 && (bytes > PARTITION_BYTES || total > REQUEST_BYTES)) break;
      bytesOf.set(partition, bytes);
      count++;
    }
    return waiting.splice(0, count);
  }

  async function pump(): Promise<void> {
    while (waiting.length > 0) {
      const sent = portion();
      try {
        connected ??= connect();
        await connected;
        const messages = sent.map(({ partition, value }) => ({ partition, value }));
        await producer.send({ topic, acks: -1, timeout: ACK_MS, messages });
        for (const { done } of sent) done?.();
      } catch (error) {
        fault = new Error(`kafka:${topic}: ${explain(error, topic)}`, { cause: error });
        for (const { done } of [...sent, ...waiting]) done?.(fault);
        waiting = [];
      }
    }
    pumping = undefined;
  }

  return {
    write(records) {
      if (records.length === 0) return Promise.resolve();
      if (fault !== undefined) return Promise.reject(fault);
      if (closed) return Promise.reject(new Error(`kafka:${topic} is closed`));
      return new Promise((resolve, reject) => {
        const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        for (const [i, record] of records.entries())
          waiting.push({ ...record, done: i === records.length - 1 ? done : undefined });
        pumping ??= pump();
      });
    },
    async close() {
      closed = true;
      await pumping;
      await producer.disconnect().catch(() => undefined);
    },
  };
}
