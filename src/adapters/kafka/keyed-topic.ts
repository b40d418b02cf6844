import { randomBytes } from 'node:crypto';
import { CompressionTypes, type Consumer, type EachBatchPayload, type Kafka, type Producer } from 'kafkajs';
import { createTurns } from '../turns';
import { type KafkaLog, plainProducer, retryPolicy } from './connection';
import { explain } from './faults';
import { countPartitions, withAdmin } from './places';

/** A record as it lies in a compacted topic; the value null marks its key as deleted. */
export interface KeyedRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: Buffer | null;
}

/** A compacted topic as a place for what a process must find again, written and read by partition. */
export interface KeyedTopic {
  readonly name: string;
  partitions(): Promise<number>;
  /** Oldest offset that still exists. */
  low(partition: number): Promise<number>;
  /**
   * Appends in this order; at most about 800 KB at once. Resolves when all replicas in sync have them, with the offset of the
   * first. On a rejection some may be there all the same.
   */
  append(partition: number, records: readonly Omit<KeyedRecord, 'offset'>[]): Promise<number>;
  /**
   * Hands over what lies at `from` and before `until`, in order. There must be a record at or behind `until` − 1: one's own
   * last one is. A throw of `take` ends the reading and is thrown.
   */
  read(partition: number, from: number, until: number, take: (record: KeyedRecord) => void): Promise<void>;
  close(): Promise<void>;
}

export interface KeyedTopicOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  /** The reader's consumer group has this name, a dot and something random: rights are wanted for the prefix. */
  readonly group: string;
  readonly log: KafkaLog;
  readonly compress?: boolean;
}

/** The brokers' own limit for the replicas to have a batch. */
const ACK_MS = 15_000;
/** A reader that sees nothing new for so long gives up; the brokers are asked again by the next try. */
const SILENCE_MS = 60_000;
/** How soon a sleeping reader notices that it is wanted. */
const WAIT_MS = 100;
const FETCH_BYTES = 1024 * 1024;

interface Reading {
  readonly partition: number;
  next: number;
  readonly until: number;
  readonly take: (record: KeyedRecord) => void;
  readonly done: (error?: unknown) => void;
  seenAt: number;
}

interface Reader {
  readonly consumer: Consumer;
  begin(reading: Reading): void;
  end(partition: number): void;
}

/**
 * On a broker. Reading: the client assigns partitions through groups only, so a group of its own that commits nothing, all
 * partitions paused but the one that is read; it stays joined, because joining takes seconds. One reading at a time.
 */
export function createKeyedTopic({ kafka, topic, group, log, compress = false }: KeyedTopicOptions): KeyedTopic {
  const inTurn = createTurns();
  let producer: Promise<Producer> | undefined;
  let reader: Promise<Reader> | undefined;
  let current: Reading | undefined;
  let counted: Promise<number> | undefined;
  let closed = false;

  async function startProducer(): Promise<Producer> {
    const started = plainProducer(kafka);
    await started.connect();
    return started;
  }

  const finish = (error?: unknown) => {
    const reading = current;
    current = undefined;
    reading?.done(error);
  };

  const eachBatch = async ({ batch }: EachBatchPayload) => {
    const reading = current;
    if (reading === undefined || reading.partition !== batch.partition) return;
    reading.seenAt = Date.now();
    try {
      for (const { offset: text, key, value } of batch.messages) {
        const offset = Number(text);
        if (offset < reading.next) continue;
        if (offset >= reading.until) break;
        reading.take({ offset, key: key?.toString() ?? '', value });
      }
      reading.next = Math.max(reading.next, Number(batch.lastOffset()) + 1);
      if (reading.next >= reading.until) finish();
    } catch (error) {
      finish(error);
    }
  };

  async function startReader(): Promise<Reader> {
    const consumer = kafka.consumer({
      groupId: `${group}.${randomBytes(6).toString('hex')}`,
      allowAutoTopicCreation: false,
      sessionTimeout: 30_000,
      heartbeatInterval: 3_000,
      maxWaitTimeInMs: WAIT_MS,
      maxBytesPerPartition: FETCH_BYTES,
      retry: retryPolicy,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const lost = (error: unknown) => {
      reader = undefined;
      finish(error);
    };
    const joined = new Promise<void>((resolve, reject) => {
      // Before the first fetch: what is paused here is not read.
      consumer.on('consumer.group_join', ({ payload }) => {
        const partitions = [...(payload.memberAssignment[topic] ?? [])];
        consumer.pause([{ topic, partitions }]);
        if (current !== undefined) begin(current);
        resolve();
      });
      consumer.on('consumer.crash', ({ payload }) => {
        if (payload.restart) return;
        lost(payload.error);
        reject(payload.error);
      });
    });
    const begin = (reading: Reading) => {
      consumer.seek({ topic, partition: reading.partition, offset: String(reading.next) });
      consumer.resume([{ topic, partitions: [reading.partition] }]);
    };
    // Its rejection arrives as a crash.
    void consumer.run({ autoCommit: false, eachBatch }).catch(lost);
    await joined;
    return { consumer, begin, end: (partition) => consumer.pause([{ topic, partitions: [partition] }]) };
  }

  async function read(
    partition: number,
    from: number,
    until: number,
    take: (record: KeyedRecord) => void,
  ): Promise<void> {
    if (from >= until) return;
    reader ??= startReader();
    const { begin, end } = await reader.catch((error) => {
      reader = undefined;
      throw error;
    });
    let watch: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        const reading: Reading = { partition, next: from, until, take, done, seenAt: Date.now() };
        current = reading;
        watch = setInterval(() => {
          if (Date.now() - reading.seenAt > SILENCE_MS) finish(new Error('the brokers send nothing'));
        }, 1_000);
        begin(reading);
      });
    } finally {
      clearInterval(watch);
      end(partition);
    }
  }

  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new Error(`kafka:${topic}: ${explain(error, topic)}`, { cause: error });
    }
  };

  return {
    name: topic,
    partitions() {
      counted ??= told(countPartitions(kafka, topic)).catch((error) => {
        counted = undefined;
        throw error;
      });
      return counted;
    },
    low: (partition) =>
      told(
        withAdmin(kafka, async (admin) => {
          const found = (await admin.fetchTopicOffsets(topic)).find((entry) => entry.partition === partition);
          if (found === undefined) throw new Error(`there is no partition ${partition}`);
          return Number(found.low);
        }),
      ),
    async append(partition, records) {
      if (closed) throw new Error(`kafka:${topic} is closed`);
      producer ??= startProducer();
      producer.catch(() => {
        producer = undefined;
      });
      const messages = records.map(({ key, value }) => ({ partition, key, value }));
      const compression = compress ? CompressionTypes.LZ4 : CompressionTypes.None;
      const sent = producer.then((ready) => ready.send({ topic, acks: -1, timeout: ACK_MS, compression, messages }));
      const [{ baseOffset }] = await told(sent);
      return Number(baseOffset);
    },
    read: (partition, from, until, take) => inTurn(() => told(read(partition, from, until, take))),
    async close() {
      closed = true;
      finish(new Error('closed'));
      const quietly = (error: unknown) => log('debug', 'while closing', { topic, error: explain(error, topic) });
      await reader?.then(({ consumer }) => consumer.disconnect()).catch(quietly);
      await producer?.then((ready) => ready.disconnect()).catch(quietly);
    },
  };
}
