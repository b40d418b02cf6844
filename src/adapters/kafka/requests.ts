import { randomUUID } from 'node:crypto';
import type { Kafka, Producer } from 'kafkajs';
import type { ActionRequest } from '../../domain/action';
import { plainProducer } from './connection';
import { explain } from './faults';

/** What processes tell the one that is active, as JSON; the record's key is the request's id or what it is about. */
export type Errand =
  | { readonly kind: 'request'; readonly lagging: boolean; readonly request: ActionRequest }
  | {
      readonly kind: 'active';
      readonly partition: number;
      readonly keys: number;
      readonly tenants?: readonly (readonly [string, number])[] | undefined;
    }
  | { readonly kind: 'breaker-reset'; readonly by: string; readonly tenant?: string | undefined }
  | { readonly kind: 'forget'; readonly key: string; readonly as: string; readonly force: boolean };

/** Undefined when the record is none of ours. */
export function errandOf(value: Buffer | null): Errand | undefined {
  try {
    const errand = JSON.parse(value?.toString('utf8') ?? 'null') as Errand | null;
    return typeof errand?.kind === 'string' ? errand : undefined;
  } catch {
    return undefined;
  }
}

function keyOf(errand: Errand): string {
  switch (errand.kind) {
    case 'request':
      return errand.request.id;
    case 'active':
      return `active/${errand.partition}`;
    default:
      return `${errand.kind}/${randomUUID()}`;
  }
}

/** Below the brokers' usual limit of a megabyte a batch. */
const BATCH_BYTES = 700_000;
const ACK_MS = 15_000;

export interface ErrandSink {
  /** At once, without waiting for more. Resolves when all replicas in sync have them; rejects after bounded tries. */
  send(errands: readonly Errand[]): Promise<void>;
  close(): Promise<void>;
}

/** The topic has one partition: whoever holds it is active, and the order is that of the sending. */
export function createErrandSink(kafka: Kafka, topic: string): ErrandSink {
  let producer: Promise<Producer> | undefined;

  async function connected(): Promise<Producer> {
    const started = plainProducer(kafka);
    await started.connect();
    return started;
  }

  async function send(messages: { key: string; value: Buffer }[]): Promise<void> {
    producer ??= connected();
    try {
      const ready = await producer.catch((error) => {
        producer = undefined;
        throw error;
      });
      const addressed = messages.map((message) => ({ partition: 0, ...message }));
      await ready.send({ topic, acks: -1, timeout: ACK_MS, messages: addressed });
    } catch (error) {
      throw new Error(`kafka:${topic}: ${explain(error, topic)}`, { cause: error });
    }
  }

  return {
    async send(errands) {
      let batch: { key: string; value: Buffer }[] = [];
      let bytes = 0;
      for (const errand of errands) {
        const value = Buffer.from(JSON.stringify(errand));
        if (batch.length > 0 && bytes + value.length > BATCH_BYTES) {
          await send(batch);
          batch = [];
          bytes = 0;
        }
        batch.push({ key: keyOf(errand), value });
        bytes += value.length;
      }
      if (batch.length > 0) await send(batch);
    },
    async close() {
      await producer?.then((ready) => ready.disconnect()).catch(() => undefined);
    },
  };
}
