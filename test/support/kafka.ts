import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';

/**
 * A real Kafka for tests. `describeKafka` uses the broker that `KAFKA_BROKERS` names, or one that the first test to ask
 * for it starts for the whole run. Where neither can be had its tests are skipped with one loud line; under `CI=true`
 * they fail instead.
 */

export interface SecureListeners {
  /** Wants a client certificate. */
  readonly tls: readonly string[];
  /** TLS without one, then SASL. */
  readonly sasl: readonly string[];
  readonly users: { readonly plain: string; readonly scram: string; readonly password: string };
  readonly certs: {
    readonly ca: string;
    readonly otherCa: string;
    readonly clientCert: string;
    readonly clientKey: string;
  };
}

export interface StartedBroker {
  readonly brokers: readonly string[];
  /** Process of the broker itself. */
  readonly pid: number;
  /** Process that started it and stops it on SIGTERM. */
  readonly supervisor: number;
  /** Kafka's own tools run with it: `java -cp CLASSPATH …`. */
  readonly classPath: string;
  readonly secure?: SecureListeners;
}

const script = path.join(__dirname, 'kafka-broker.js');
const START_MS = 120_000;

const runDir = (): string => {
  const dir = process.env.KEYWATCH_TEST_RUN;
  if (!dir) throw new Error('the run folder is missing: jest.config.js names test/support/run-start.js as globalSetup');
  return dir;
};

/** True for the one caller in the whole run that comes first. */
const first = (name: string): boolean => {
  try {
    fs.mkdirSync(path.join(runDir(), name));
    return true;
  } catch {
    return false;
  }
};

const remembered = (name: string, find: () => string): string => {
  const file = path.join(runDir(), name);
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8');
  const value = find();
  fs.writeFileSync(`${file}.${process.pid}`, value);
  fs.renameSync(`${file}.${process.pid}`, file);
  return value;
};

/** Why a broker cannot be started here, or '' when it can; fetches the jars where they are missing. */
const obstacle = (): string =>
  remembered('kafka-obstacle', () => {
    const result = spawnSync(process.execPath, [script, '--fetch-only'], { encoding: 'utf8', timeout: 320_000 });
    return result.status === 0 ? '' : result.stderr.trim() || 'the broker script failed';
  });

const named = (): readonly string[] | undefined => process.env.KAFKA_BROKERS?.split(',').map((broker) => broker.trim());

/** The run's own broker; started by the first test that asks. */
export async function ownBroker(): Promise<StartedBroker> {
  const ready = path.join(runDir(), 'kafka.json');
  const log = path.join(runDir(), 'kafka.log');
  if (first('kafka.lock')) {
    const out = fs.openSync(log, 'a');
    const owner = process.env.KEYWATCH_TEST_RUN_PID ?? String(process.pid);
    const child = spawn(process.execPath, [script, '--ready-file', ready, '--watch-pid', owner], {
      detached: true,
      stdio: ['ignore', out, out],
    });
    fs.closeSync(out);
    child.once('exit', (code) => fs.writeFileSync(path.join(runDir(), 'kafka.failed'), String(code)));
    child.unref();
    fs.writeFileSync(path.join(runDir(), 'kafka.pid'), String(child.pid));
  }
  const deadline = Date.now() + START_MS;
  while (!fs.existsSync(ready)) {
    const failed = fs.existsSync(path.join(runDir(), 'kafka.failed'));
    if (failed || Date.now() > deadline) {
      throw new Error(`Kafka did not start: ${fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim() : 'no output'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return JSON.parse(fs.readFileSync(ready, 'utf8')) as StartedBroker;
}

/** Addresses for a test inside `describeKafka`: `host:port`. */
export async function kafkaBrokers(): Promise<string[]> {
  return [...(named() ?? (await ownBroker()).brokers)];
}

/** A broker of the caller's own that comes back `respawnMs` after it was killed. `stop` ends it and removes its data. */
export async function restartingBroker(respawnMs: number): Promise<StartedBroker & { stop(): Promise<void> }> {
  const ready = path.join(runDir(), `kafka-${randomBytes(4).toString('hex')}.json`);
  const args = [script, '--ready-file', ready, '--watch-pid', String(process.pid), '--respawn', String(respawnMs)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (!fs.existsSync(ready)) {
    if (child.exitCode !== null) throw new Error(`Kafka did not start: exit code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { ...(JSON.parse(fs.readFileSync(ready, 'utf8')) as StartedBroker), stop };
}

function describeIf(missing: string, name: string, body: () => void): void {
  if (missing === '') {
    describe(name, body);
  } else if (process.env.CI === 'true') {
    describe(name, () => {
      it('needs a Kafka broker', () => {
        throw new Error(
          `CI=true and no Kafka to test against: ${missing}. Set KAFKA_BROKERS, or install Java 17+ and Maven.`,
        );
      });
    });
  } else {
    if (first('kafka-told')) {
      process.stderr.write(
        `\n*** KAFKA TESTS SKIPPED: ${missing}. Set KAFKA_BROKERS, or install Java 17+ and Maven. ***\n\n`,
      );
    }
    describe.skip(name, body);
  }
}

/** `describe` for tests that talk to the broker of `kafkaBrokers()`. */
export const describeKafka = (name: string, body: () => void): void =>
  describeIf(named() ? '' : obstacle(), name, body);

/** `describe` for tests of the run's own broker: its TLS and SASL listeners, its process, its tools. */
export const describeOwnKafka = (name: string, body: () => void): void => describeIf(obstacle(), name, body);

const quiet = { logLevel: logLevel.NOTHING, retry: { initialRetryTime: 100, retries: 10 } };

export const plainKafka = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'keywatch-test', brokers: [...brokers], ...quiet });

export interface KafkaBench {
  readonly brokers: string[];
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  /** A new topic of that many partitions, with a name nobody else has. */
  topic(partitions: number, config?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** A plain kafkajs client, admin and producer to arrange a test with. */
export async function withKafka(brokers?: readonly string[]): Promise<KafkaBench> {
  const list = [...(brokers ?? (await kafkaBrokers()))];
  const kafka = plainKafka(list);
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  return {
    brokers: list,
    kafka,
    admin,
    producer,
    topic: async (partitions, config = {}) => {
      const topic = uniqueName('topic');
      await createTopic(admin, topic, partitions, config);
      return topic;
    },
    close: async () => {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    },
  };
}

export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

export async function createTopic(
  admin: Admin,
  topic: string,
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  await admin.createTopics({
    waitForLeaders: true,
    topics: [
      {
        topic,
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      },
    ],
  });
}

/** Everything that stands in a topic now, by partition and offset. */
export async function readTopic(
  bench: KafkaBench,
  topic: string,
): Promise<{ partition: number; offset: number; key: string; value: string; headers: Record<string, string> }[]> {
  const offsets = await bench.admin.fetchTopicOffsets(topic);
  const wanted = new Map(offsets.map(({ partition, low, high }) => [partition, Number(high) - Number(low)]));
  const total = [...wanted.values()].reduce((sum, count) => sum + count, 0);
  const out: Awaited<ReturnType<typeof readTopic>> = [];
  if (total === 0) return out;
  const consumer = bench.kafka.consumer({ groupId: uniqueName('reader'), maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', (event) => reject(event.payload.error));
    const eachMessage = async ({
      partition,
      message,
    }: {
      partition: number;
      message: import('kafkajs').KafkaMessage;
    }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      out.push({
        partition,
        offset: Number(message.offset),
        key: String(message.key ?? ''),
        value: String(message.value ?? ''),
        headers: Object.fromEntries(headers),
      });
      if (out.length === total) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return out.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
