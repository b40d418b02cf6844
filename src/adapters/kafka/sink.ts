import type { Kafka, Message } from 'kafkajs';
import type { AlertDocument } from '../../domain/alert';
import type { DeadLetter } from '../../domain/rejection';
import type { AlertSink, DeadLetterSink } from '../../ports';
import { type DocumentFormat, formatted } from '../siem/format';
import { plainProducer } from './connection';
import { explain } from './faults';

/**
 * A request carries at most this much: the client packs all messages for a partition into one batch, and a broker
 * refuses batches of more than about a megabyte by default (`max.message.bytes`).
 */
const REQUEST_BYTES = 512 * 1024;
const REQUEST_MESSAGES = 500;
/** The broker's own limit for the replicas to have a batch. */
const ACK_MS = 15_000;

export interface KafkaSinkOptions {
  readonly kafka: Kafka;
  readonly topic: string;
}

/** Alerts as JSON, one a record; the key is `event.id`, so a repeated alert lands in the same partition. */
export function createKafkaAlertSink(options: KafkaSinkOptions & { readonly format?: DocumentFormat }): AlertSink {
  return createSink(options, (document: AlertDocument) => document.event.id, formatted(options.format ?? 'ecs'));
}

/** Dead letters as JSON, one a record; the key is the place of the rejected record: `source/partition/offset/index`. */
export function createKafkaDeadLetterSink(options: KafkaSinkOptions): DeadLetterSink {
  return createSink(options, ({ source, position }: DeadLetter) =>
    [source, position.partition, position.offset, position.index].join('/'),
  );
}

interface Sink<T> {
  readonly name: string;
  write(items: readonly T[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes with `acks=all`, one request after another, and gives up after the client's bounded retries: the producer is
 * not idempotent, since the client's idempotent one retries for ever; a repeated record has the key of the first.
 * The topic must exist.
 */
function createSink<T>(
  { kafka, topic }: KafkaSinkOptions,
  keyOf: (item: T) => string,
  encode: (item: T) => unknown = (item) => item,
): Sink<T> {
  const producer = plainProducer(kafka);
  let connected: Promise<void> | undefined;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  const connect = (): Promise<void> => {
    connected ??= producer.connect().catch((error) => {
      connected = undefined;
      throw error;
    });
    return connected;
  };

  const writeAll = async (items: readonly T[]) => {
    if (closed) throw new Error(`kafka:${topic} is closed`);
    try {
      await connect();
      for (const messages of portions(items, keyOf, encode)) {
        await producer.send({ topic, acks: -1, timeout: ACK_MS, messages });
      }
    } catch (error) {
      throw new Error(`kafka:${topic}: ${explain(error, topic)}`, { cause: error });
    }
  };

  return {
    name: `kafka:${topic}`,
    write: (items) => {
      if (items.length === 0) return Promise.resolve();
      const written = writing.then(() => writeAll(items));
      writing = written.catch(() => {});
      return written;
    },
    close: async () => {
      if (closed) return;
      await writing;
      closed = true;
      await producer.disconnect();
    },
  };
}

const headers = { 'content-type': 'application/json' };

function* portions<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  encode: (item: T) => unknown,
): Generator<Message[]> {
  let messages: Message[] = [];
  let bytes = 0;
  for (const item of items) {
    const value = Buffer.from(JSON.stringify(encode(item)));
    if (messages.length > 0 && (bytes + value.length > REQUEST_BYTES || messages.length >= REQUEST_MESSAGES)) {
      yield messages;
      messages = [];
      bytes = 0;
    }
    messages.push({ key: keyOf(item), value, headers });
    bytes += value.length;
  }
  if (messages.length > 0) yield messages;
}
