import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

export interface Broker {
  readonly brokers: string[];
  stop(): void;
}

const START_MS = 120_000;

/** The broker that `KAFKA_BROKERS` names, else one of our own. Rejects with the reason where none can be had. */
export async function findBroker(): Promise<Broker> {
  const named = process.env.KAFKA_BROKERS?.split(',').map((text) => text.trim());
  if (named !== undefined) return { brokers: named, stop: () => undefined };
  const script = join(__dirname, '..', '..', 'test', 'support', 'kafka-broker.js');
  const child = spawn(process.execPath, [script, '--watch-pid', String(process.pid)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const brokers = await started(child);
  return { brokers, stop: () => void child.kill('SIGTERM') };
}

function started(child: ChildProcess): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (text) => {
      said = (said + text).slice(-2_000);
    });
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      reject(new Error('the broker did not start in time'));
    }, START_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(said.trim() || 'the broker ended'));
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const found = /^KAFKA_BROKERS=(.+)$/.exec(line);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[1].split(','));
    });
  });
}

export const kafkaClient = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'bench', brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 10 } });

const BATCH = 2_000;

/** Creates the topic and writes the lines into it, one a record, keyed so that a key stays in its partition. */
export async function fillTopic(
  brokers: readonly string[],
  topic: string,
  partitions: number,
  records: Iterable<{ readonly key: string; readonly value: string }>,
): Promise<void> {
  const kafka = kafkaClient(brokers);
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }],
    });
    let messages: { key: string; value: string }[] = [];
    for (const record of records) {
      messages.push(record);
      if (messages.length < BATCH) continue;
      await producer.send({ topic, messages });
      messages = [];
    }
    if (messages.length > 0) await producer.send({ topic, messages });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

export async function makeTopic(brokers: readonly string[], topic: string, partitions: number): Promise<void> {
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  const topics = [{ topic, numPartitions: partitions, replicationFactor: 1 }];
  await admin.createTopics({ waitForLeaders: true, topics }).finally(() => admin.disconnect());
}

export async function dropTopic(brokers: readonly string[], topic: string): Promise<void> {
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] }).finally(() => admin.disconnect());
}
