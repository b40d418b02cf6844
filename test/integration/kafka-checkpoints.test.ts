import { createKafkaCheckpointStore } from '../../src/adapters/kafka/checkpoints';
import { createKafkaClient } from '../../src/adapters/kafka/connection';
import { createKeyedTopic, type KeyedTopic } from '../../src/adapters/kafka/keyed-topic';
import { checkpointOf, checkpointStoreContract } from '../contracts/checkpoint-store';
import { describeKafka, type KafkaBench, uniqueName, withKafka } from '../support/kafka';

/** Segments so small that the broker's cleaner works on what the test has just written. */
const compacted = {
  'cleanup.policy': 'compact',
  'segment.bytes': '1048576',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '0',
};

describeKafka('checkpoints in a Kafka topic', () => {
  let bench: KafkaBench;
  const topics: KeyedTopic[] = [];
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(async () => {
    await Promise.all(topics.map((topic) => topic.close()));
    await bench.close();
  });

  const keyed = (topic: string): KeyedTopic => {
    const kafka = createKafkaClient({ brokers: bench.brokers, clientId: 'keywatch' }, undefined, () => {});
    const opened = createKeyedTopic({ kafka, topic, group: uniqueName('group'), log: () => {}, compress: true });
    topics.push(opened);
    return opened;
  };

  checkpointStoreContract(async () => {
    const topic = await bench.topic(3, compacted);
    // One process and its successor; a reader's joining of its group takes its time.
    const views = [keyed(topic), keyed(topic)];
    let opened = 0;
    return {
      open: () => createKafkaCheckpointStore(views[Math.min(opened++, 1)]!, '0', () => {}),
      close: async () => undefined,
    };
  });

  it('comes back from a topic that the broker compacts, whose segments are smaller than a checkpoint', async () => {
    const topic = await bench.topic(1, compacted);
    const store = createKafkaCheckpointStore(keyed(topic), '0', () => {});
    const noise = (seed: number) => new Uint8Array(900_000).map((_, i) => (i * seed) ^ (i >> 7));
    for (let seed = 1; seed <= 6; seed++) await store.save(0, checkpointOf(noise(seed)));
    const later = createKafkaCheckpointStore(keyed(topic), '0', () => {});
    expect(Buffer.compare((await later.load(0))!, noise(6))).toBe(0);
  });
});
