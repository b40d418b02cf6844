import { createHash } from 'node:crypto';
import { systemClock } from '../../src/adapters/clock';
import { createKafkaClient } from '../../src/adapters/kafka/connection';
import { bothHalves } from '../../src/adapters/kafka/log/halves';
import { createLogWriter } from '../../src/adapters/kafka/log/writer';
import { ingestSlices, packSlices } from '../../src/adapters/kafka/slices';
import { createKafkaSource } from '../../src/adapters/kafka/source';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import type { Engine } from '../../src/engine';
import { createIngest } from '../../src/ingest/ingest';
import type { CheckpointStore } from '../../src/ports';
import { Runtime, type RuntimeParts } from '../../src/runtime';
import { unpack } from '../../src/runtime/log';
import { createRepartition } from '../../src/runtime/repartition';
import { testEngine } from './events';
import type { KafkaBench } from './kafka';

export interface LogTopics {
  readonly source: string;
  readonly log: string;
  readonly partitions: number;
  readonly group: string;
}

/** What all members share: states, and the ids of what was told. */
export interface Shared {
  readonly checkpoints: Map<number, Uint8Array>;
  readonly alerts: Set<string>;
}

const sessionTimeout = 6_000;
const maxRecordBytes = 1_000_000;
const ingest = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes });
const journal = { load: async () => [], append: async () => undefined, prune: async () => undefined };

function partsOf(shared: Shared, topics: LogTopics, append: (partition: number, value: Buffer) => Promise<void>) {
  const checkpoints: CheckpointStore = {
    load: async (partition) => shared.checkpoints.get(partition),
    save: async (partition, { pieces }) => {
      shared.checkpoints.set(partition, Buffer.concat([...pieces]));
    },
  };
  return {
    source: topics.log,
    ingest,
    enrich: (event) => event,
    log: { partitions: topics.partitions, telemetry: { repeated: () => undefined, waiting: () => undefined }, append },
    engineFor: (partition) => testEngine({ partition }),
    checkpoints,
    journal: journal as unknown as RuntimeParts['journal'],
    inventories: { load: () => Promise.reject(new Error('none')), save: async () => undefined },
    effects: {
      alerts: async (documents) => {
        for (const { event } of documents) shared.alerts.add(event.id);
      },
      requests: async () => undefined,
      deadLetters: async () => undefined,
    },
    clock: systemClock,
    telemetry: createNoTelemetry(),
    checkpointEveryMs: 500,
    checkpointEveryRecords: 1_000_000,
    warn: () => undefined,
  } satisfies RuntimeParts as RuntimeParts;
}

/** A process with both halves, without the process. */
export function startMember(bench: KafkaBench, topics: LogTopics, shared: Shared) {
  const log = () => undefined;
  const client = () => createKafkaClient({ brokers: bench.brokers, clientId: 'keywatch' }, undefined, log);
  const writer = createLogWriter(client(), topics.log, topics.partitions);
  const common = { start: 'earliest', sessionTimeout, log } as const;
  const reading = createKafkaSource({
    ...common,
    kafka: client(),
    topic: topics.source,
    group: `${topics.group}-ingest`,
    slices: ingestSlices,
    concurrency: 3,
  });
  const handler = createRepartition({
    source: topics.source,
    ingest,
    enrich: (event) => event,
    partitions: topics.partitions,
    generation: 1,
    write: writer.write,
    deadLetters: async () => undefined,
    telemetry: createNoTelemetry(),
  });
  const detect = createKafkaSource({
    ...common,
    kafka: client(),
    topic: topics.log,
    group: `${topics.group}-detect`,
    partitions: topics.partitions,
    slices: packSlices,
  });
  const runtime = new Runtime(partsOf(shared, topics, (partition, value) => writer.write([{ partition, value }])));
  const source = bothHalves({ source: reading, handler }, detect);
  const running = source.run(runtime);
  running.catch(() => undefined);
  return {
    runtime,
    running,
    async stop() {
      await source.stop();
      await running;
      await runtime.close();
      await writer.close();
    },
  };
}

/** The whole internal log, read once without any group's doing, and what an engine makes of each partition of it. */
export async function replayLog(bench: KafkaBench, topics: LogTopics) {
  const records = await rawRecords(bench, topics.log);
  const alerts = new Set<string>();
  const digests: string[] = [];
  let events = 0;
  let repeated = 0;
  const parts = partsOf({ checkpoints: new Map(), alerts }, topics, async () => undefined);
  for (let id = 0; id < topics.partitions; id++) {
    const engine: Engine = testEngine({ partition: id });
    for (const record of records.filter(({ partition }) => partition === id)) {
      const { entries } = await unpack(parts.log!, parts, { id, engine } as never, [record], false);
      const effects = engine.advance(entries, { next: record.offset + 1, cursor: '' });
      for (const { event } of effects.alerts) alerts.add(event.id);
      events += effects.events;
      repeated += effects.repeated;
    }
    digests.push(digestOf(engine.checkpoint()));
  }
  return { alerts, events, repeated, digests, records: records.length };
}

export const digestOf = (bytes: Uint8Array | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');

async function rawRecords(bench: KafkaBench, topic: string) {
  const ends = await bench.admin.fetchTopicOffsets(topic);
  const total = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const out: { partition: number; offset: number; value: Buffer; timestamp: number }[] = [];
  const consumer = bench.kafka.consumer({ groupId: `${topic}-replay`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    if (total === 0) resolve();
    consumer
      .run({
        autoCommit: false,
        eachMessage: async ({ partition, message: { offset, value, timestamp } }) => {
          out.push({ partition, offset: Number(offset), value: value!, timestamp: Number(timestamp) });
          if (out.length === total) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return out.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
