import { createKafkaClient } from '../../src/adapters/kafka/connection';
import { createKafkaAlertSink, createKafkaDeadLetterSink } from '../../src/adapters/kafka/sink';
import { ocsfFinding } from '../../src/adapters/siem/ocsf';
import { alertSinkContract } from '../contracts/alert-sink';
import { deadLetterSinkContract } from '../contracts/dead-letter-sink';
import { alertDocument } from '../support/alerts';
import { createTopic, describeKafka, type KafkaBench, readTopic, uniqueName, withKafka } from '../support/kafka';

describeKafka('a Kafka topic as a sink', () => {
  let bench: KafkaBench;
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(() => bench.close());

  const client = () => createKafkaClient({ brokers: bench.brokers, clientId: 'keywatch' }, undefined, () => {});
  const place = async <Sink>(make: (options: { kafka: ReturnType<typeof client>; topic: string }) => Sink) => {
    const topic = await bench.topic(1);
    return {
      create: async () => make({ kafka: client(), topic }),
      received: async () => (await readTopic(bench, topic)).map((record) => JSON.parse(record.value)),
      close: async () => {},
    };
  };

  describe('of alerts', () => {
    alertSinkContract(() => place(createKafkaAlertSink));
  });
  describe('of alerts, as OCSF', () => {
    alertSinkContract(async () => ({
      ...(await place((options) => createKafkaAlertSink({ ...options, format: 'ocsf' }))),
      expected: ocsfFinding,
    }));
  });
  describe('of dead letters', () => {
    deadLetterSinkContract(() => place(createKafkaDeadLetterSink));
  });

  it('keys an alert by its id, so that a repeated one stays in its partition, and says it is JSON', async () => {
    const topic = await bench.topic(4);
    const sink = createKafkaAlertSink({ kafka: client(), topic });
    const alerts = Array.from({ length: 20 }, (_, i) => alertDocument({ id: `id-${i}` }));
    await sink.write(alerts);
    await sink.write(alerts);
    await sink.close();
    const records = await readTopic(bench, topic);
    expect(records).toHaveLength(40);
    expect(new Set(records.map((record) => `${record.key} ${record.partition}`)).size).toBe(20);
    expect(new Set(records.map((record) => record.partition)).size).toBeGreaterThan(1);
    for (const record of records) {
      expect(JSON.parse(record.value).event.id).toBe(record.key);
      expect(record.headers).toEqual({ 'content-type': 'application/json' });
    }
  });

  it('splits what the broker would refuse as one batch', async () => {
    const topic = await bench.topic(1, { 'max.message.bytes': '1048588' });
    const sink = createKafkaAlertSink({ kafka: client(), topic });
    await sink.write(
      Array.from({ length: 30 }, (_, i) => alertDocument({ id: `id-${i}`, reason: 'x'.repeat(100_000) })),
    );
    await sink.close();
    expect((await readTopic(bench, topic)).map((record) => record.key)).toHaveLength(30);
  });

  it('throws while the topic is missing, creates none, and takes the same alerts once it is there', async () => {
    const topic = uniqueName('late');
    const sink = createKafkaAlertSink({ kafka: client(), topic });
    await expect(sink.write([alertDocument({ id: 'id-0' })])).rejects.toThrow(`topic ${topic} does not exist`);
    expect(await bench.admin.listTopics()).not.toContain(topic);
    await createTopic(bench.admin, topic, 1);
    await sink.write([alertDocument({ id: 'id-0' })]);
    await sink.close();
    expect((await readTopic(bench, topic)).map((record) => record.key)).toEqual(['id-0']);
  });

  it('throws within its bounded tries when no broker answers', async () => {
    const kafka = createKafkaClient({ brokers: ['127.0.0.1:1'], clientId: 'keywatch' }, undefined, () => {});
    const sink = createKafkaAlertSink({ kafka, topic: 'any' });
    await expect(sink.write([alertDocument({ id: 'id-0' })])).rejects.toThrow('broker unreachable');
    await sink.close();
  });
});
