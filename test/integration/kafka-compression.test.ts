import { spawn } from 'node:child_process';
import { CompressionTypes } from 'kafkajs';
import { registerCodecs } from '../../src/adapters/kafka/codecs';
import { numbered, recorder } from '../contracts/source';
import { describeKafka, describeOwnKafka, type KafkaBench, ownBroker, uniqueName, withKafka } from '../support/kafka';
import { kafkaSource, sources } from '../support/kafka-source';

const values = numbered('a usage record that repeats itself', 0, 1_500);

const readAll = async (bench: KafkaBench, topic: string, count: number) => {
  const running = sources();
  const handler = recorder();
  const { source } = kafkaSource({ brokers: bench.brokers }, { topic, group: uniqueName('group') });
  const run = running.run(source, handler);
  await Promise.race([run, handler.until(() => handler.total() >= count)]);
  await running.stopAll();
  return handler.texts(0);
};

describeKafka('records that this client packed', () => {
  let bench: KafkaBench;
  beforeAll(async () => {
    registerCodecs();
    bench = await withKafka();
  });
  afterAll(() => bench.close());

  it.each([
    ['gzip', CompressionTypes.GZIP],
    ['snappy', CompressionTypes.Snappy],
    ['lz4', CompressionTypes.LZ4],
  ])('with %s are accepted by the broker and read', async (_, compression) => {
    const topic = await bench.topic(1);
    await bench.producer.send({ topic, compression, messages: values.map((value) => ({ value })) });
    expect(await readAll(bench, topic, values.length)).toEqual(values);
  });
});

describeOwnKafka("records that Kafka's own client packed", () => {
  let bench: KafkaBench;
  let classPath: string;
  beforeAll(async () => {
    const broker = await ownBroker();
    classPath = broker.classPath;
    bench = await withKafka(broker.brokers);
  });
  afterAll(() => bench.close());

  const produceWithJava = (topic: string, codec: string) =>
    new Promise<void>((resolve, reject) => {
      const tool = ['org.apache.kafka.tools.ConsoleProducer', '--bootstrap-server', bench.brokers[0], '--topic', topic];
      const args = ['-XX:TieredStopAtLevel=1', '-cp', classPath, ...tool, '--compression-codec', codec];
      const child = spawn('java', args, { stdio: ['pipe', 'ignore', 'ignore'] });
      child.once('error', reject);
      child.once('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`the console producer ended with ${code}`)),
      );
      child.stdin.end(`${values.join('\n')}\n`);
    });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('with %s are read', async (codec) => {
    const topic = await bench.topic(1);
    await produceWithJava(topic, codec);
    expect(await readAll(bench, topic, values.length)).toEqual(values);
  });
});
