import { createKafkaClient } from '../../src/adapters/kafka/connection';
import { createKafkaSource } from '../../src/adapters/kafka/source';
import { sourceContract } from '../contracts/source';
import { describeKafka, type KafkaBench, uniqueName, withKafka } from '../support/kafka';

describeKafka('a Kafka topic as a source', () => {
  let bench: KafkaBench;
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(() => bench.close());

  sourceContract(async () => {
    const partitions = 3;
    const topic = await bench.topic(partitions);
    const group = uniqueName('group');
    return {
      partitions,
      remembers: true,
      produce: async (partition, values) => {
        await bench.producer.send({ topic, messages: values.map((value) => ({ partition, value })) });
      },
      create: async () =>
        createKafkaSource({
          kafka: createKafkaClient({ brokers: bench.brokers, clientId: 'keywatch' }, undefined, () => {}),
          topic,
          group,
          start: 'earliest',
          sessionTimeout: 10_000,
          log: () => {},
        }),
      close: async () => {},
    };
  });
});
