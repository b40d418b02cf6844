/**
 * `npm run bench:checkpoint [-- --keys A,B,C --events N --rounds N]`: what a checkpoint costs and how long it keeps the process
 * from other work. An engine learns `--events` events a key; then its state is copied as the runtime does it (in steps of
 * about 5 ms), written to a folder, loaded and restored, and the same with a compacted topic (on the broker that
 * `KAFKA_BROKERS` names, else on one of its own). Exit code 2 for a wrong command line.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/adapters/clock';
import { createFileCheckpointStore } from '../src/adapters/file/checkpoint';
import { createGeoip } from '../src/adapters/geoip';
import { createKafkaCheckpointStore } from '../src/adapters/kafka/checkpoints';
import { createKafkaClient } from '../src/adapters/kafka/connection';
import { createKeyedTopic } from '../src/adapters/kafka/keyed-topic';
import { engineSettings, placing } from '../src/app/core';
import { configSchema } from '../src/config';
import { Engine, type LogEntry } from '../src/engine';
import { createIngest } from '../src/ingest/ingest';
import type { CheckpointStore } from '../src/ports';
import { inSteps } from '../src/runtime/checkpointing';
import { type Broker, findBroker } from './support/broker';
import { table, wholeNumber } from './support/figures';
import { traffic } from './support/traffic';

const settings = engineSettings(configSchema.parse({ source: { kind: 'stdin' }, detect: { maxKeys: 2_000_000 } }), 0);

function learned(keys: number, events: number): Engine {
  const engine = new Engine(settings);
  const { ingest } = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 65_536 });
  const place = placing(createGeoip());
  let entries: LogEntry[] = [];
  let next = 0;
  for (const record of traffic(keys * events, keys)) {
    for (const result of ingest(Buffer.from(JSON.stringify(record))))
      if (result.kind === 'event')
        entries.push({ kind: 'event', offset: next, event: place(result.event), timestamp: undefined });
    next++;
    if (entries.length < 500) continue;
    engine.advance(entries, { next, cursor: '' });
    entries = [];
  }
  engine.advance(entries, { next, cursor: '' });
  return engine;
}

interface Timed<T> {
  readonly value: T;
  /** Milliseconds, and the longest in which nothing else could run. */
  readonly took: number;
  readonly blocked: number;
}

/** A timer that wants to run every millisecond says how long it had to wait. */
async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  let blocked = 0;
  let last = performance.now();
  let watching = true;
  const look = () => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
    if (watching) setImmediate(look);
  };
  setImmediate(look);
  const begun = performance.now();
  const value = await work();
  const took = performance.now() - begun;
  blocked = Math.max(blocked, performance.now() - last);
  watching = false;
  return { value, took, blocked };
}

const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0);
const both = ({ took, blocked }: Timed<unknown>) => [ms(took), ms(blocked)];

async function stores(
  broker: Broker | undefined,
): Promise<{ name: string; store: CheckpointStore; close: () => Promise<void> }[]> {
  const dir = await mkdtemp(join(tmpdir(), 'keywatch-bench-'));
  const all = [
    { name: 'folder', store: createFileCheckpointStore(dir), close: () => rm(dir, { recursive: true, force: true }) },
  ];
  if (broker === undefined) return all;
  const { brokers } = broker;
  const kafka = () => createKafkaClient({ brokers, clientId: 'bench' }, undefined, () => undefined);
  const topic = `bench-${randomBytes(4).toString('hex')}`;
  const admin = kafka().admin();
  await admin.connect();
  const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, configEntries }] });
  const keyed = createKeyedTopic({ kafka: kafka(), topic, group: topic, log: () => undefined, compress: true });
  const close = async () => {
    await keyed.close();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  };
  return [...all, { name: 'topic', store: createKafkaCheckpointStore(keyed, 'bench', () => undefined), close }];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      keys: { type: 'string', default: '1000,100000' },
      events: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const sizes = values.keys.split(',').map((text) => wholeNumber('keys', text, 2_000_000));
  const events = wholeNumber('events', values.events, 100);
  const rounds = wholeNumber('rounds', values.rounds, 100);
  const broker = await findBroker().catch((error) => {
    process.stderr.write(`without a topic: ${error.message}\n`);
    return undefined;
  });
  const rows: string[][] = [];
  for (const size of sizes) {
    const engine = learned(size, events);
    const begun = performance.now();
    engine.checkpoint();
    const atOnce = performance.now() - begun;
    for (const { name, store, close } of await stores(broker)) {
      // The topic's reader joins its group once a process, which is not counted.
      await store.load(0);
      for (let round = 0; round < rounds; round++) {
        const copied = await timed(() => inSteps(engine.freeze(), systemClock));
        const pieces = copied.value;
        const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
        const written = await timed(() => store.save(0, { next: engine.next + round, pieces }));
        const loaded = await timed(() => store.load(0));
        const restored = await timed(() => inSteps(new Engine(settings).thaw(loaded.value!), systemClock));
        rows.push([
          engine.keys.toLocaleString('en-US'),
          name,
          (bytes / 1e6).toFixed(1),
          ms(atOnce),
          ...[copied, written, loaded, restored].flatMap(both),
        ]);
      }
      await close();
    }
  }
  const steps = ['copied', 'written', 'loaded', 'restored'].flatMap((what) => [`${what} ms`, 'blocked']);
  broker?.stop();
  process.stdout.write(`${table(['keys', 'where', 'MB', 'at once ms', ...steps], rows)}\n`);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
