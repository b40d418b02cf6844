import { ConfigResourceTypes } from 'kafkajs';
import { aclCommands } from '../../src/adapters/kafka/acls';
import { setUpTopics } from '../../src/adapters/kafka/setup';
import { ownTopics } from '../../src/adapters/kafka/topics';
import { type Config, configSchema } from '../../src/config';
import { describeKafka, type KafkaBench, uniqueName, withKafka } from '../support/kafka';

function configured(source: Readonly<Record<string, unknown>> = {}): Config & { source: { kind: 'kafka' } } {
  const name = uniqueName('own');
  const settings = {
    source: { kind: 'kafka', brokers: ['broker:9092'], topic: 'usage', log: { topic: name, partitions: 5 }, ...source },
    state: { checkpoints: { kind: 'kafka', topic: `${name}-states` } },
    enforce: { log: { kind: 'kafka', requestsTopic: `${name}-requests`, ledgerTopic: `${name}-ledger` } },
  };
  return configSchema.parse(settings) as Config & { source: { kind: 'kafka' } };
}

describeKafka('keywatch setup kafka', () => {
  let bench: KafkaBench;
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(() => bench.close());

  async function setUp(config: Config, dryRun = false) {
    const told: string[] = [];
    const tell = (line: string) => void told.push(line);
    const faults = await setUpTopics({ kafka: bench.kafka, topics: ownTopics(config), replication: -1, dryRun, tell });
    return { told, faults };
  }
  const settingsOf = async (name: string) => {
    const { resources } = await bench.admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name }],
    });
    return new Map(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]));
  };

  it('says what it would create, creates it, and then changes nothing', async () => {
    const config = configured();
    const names = ownTopics(config).map(({ name }) => name);
    const dry = await setUp(config, true);
    expect(dry.told.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual(
      names.map((name) => `would create topic ${name}:`),
    );
    expect((await bench.admin.listTopics()).filter((name) => names.includes(name))).toEqual([]);
    expect((await setUp(config)).faults).toEqual([]);
    const { topics } = await bench.admin.fetchTopicMetadata({ topics: names });
    expect(Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]))).toEqual({
      [names[0]]: 5,
      [names[1]]: 5,
      [names[2]]: 1,
      [names[3]]: 1,
    });
    const log = await settingsOf(names[0]);
    expect([log.get('cleanup.policy'), log.get('message.timestamp.type'), log.get('retention.ms')]).toEqual([
      'delete',
      'LogAppendTime',
      '259200000',
    ]);
    expect((await settingsOf(names[1])).get('cleanup.policy')).toBe('compact');
    const again = await setUp(config);
    expect(again.faults).toEqual([]);
    expect(again.told.filter((line) => line.includes('created'))).toEqual([]);
  }, 60_000);

  it('finds fault with a topic that has other partitions, or that loses records', async () => {
    const topic = await bench.topic(2, { 'cleanup.policy': 'compact' });
    const { faults } = await setUp(configured({ log: { topic, partitions: 3 } }), true);
    expect(faults).toEqual([
      expect.stringContaining(`topic ${topic} has 2 partitions, the configuration wants 3`),
      expect.stringContaining('cleanup.policy=compact, it must be delete'),
    ]);
  }, 30_000);
});

describe('topics and rights', () => {
  it('keep the log ten checkpoints long, however far these are apart', () => {
    const far = configSchema.parse({
      source: { kind: 'kafka', brokers: ['b:1'], topic: 'usage', log: {} },
      state: { checkpointEvery: '1d' },
    });
    expect(ownTopics(far)[0].config['retention.ms']).toBe(String(10 * 86_400_000));
  });

  it('are none of a source that is no topic, or has none of keywatch', () => {
    expect(ownTopics(configSchema.parse({ source: { kind: 'stdin' } }))).toEqual([]);
    expect(ownTopics(configSchema.parse({ source: { kind: 'kafka', brokers: ['b:1'], topic: 't' } }))).toEqual([]);
  });

  it('are no more than reading the source, and reading and writing what is its own', () => {
    const config = configured({ group: "it's", sasl: { mechanism: 'plain', username: 'kw', passwordFrom: 'env:P' } });
    const commands = aclCommands(config.source, ownTopics(config), ['alerts', 'alerts']);
    const rights = commands.map((command) => command.split('User:kw ')[1]);
    expect(rights[0]).toBe('--operation Read --operation Describe --topic usage');
    expect(rights.filter((line) => line.includes('Write')).length).toBe(5);
    expect(rights).toContain('--operation Write --operation Describe --topic alerts');
    expect(rights.at(-2)).toBe(
      "--operation Read --operation Describe --group 'it'\\''s' --resource-pattern-type prefixed",
    );
    expect(rights.at(-1)).toBe('--operation Read --operation Describe --group keywatch-detect');
    expect(commands.join('\n')).not.toMatch(/All|Alter|Create|Cluster/);
  });
});
