import { type Admin, ConfigResourceTypes, type Kafka } from 'kafkajs';
import { explain } from './faults';
import { withAdmin } from './places';
import type { OwnTopic } from './topics';

export interface TopicSetup {
  readonly kafka: Kafka;
  readonly topics: readonly OwnTopic[];
  /** Replicas of each new topic; −1 leaves it to the brokers. */
  readonly replication: number;
  readonly dryRun: boolean;
  readonly tell: (line: string) => void;
}

/**
 * Creates the topics that are missing, and looks at those that are there. Changes nothing that exists. Answers what is
 * wrong, with what to do; nothing where all is well. Rejects when the brokers refuse or cannot be reached.
 */
export async function setUpTopics({
  kafka,
  topics,
  replication,
  dryRun,
  tell,
}: TopicSetup): Promise<readonly string[]> {
  const faults: string[] = [];
  await withAdmin(kafka, async (admin) => {
    const present = new Set(await admin.listTopics());
    for (const topic of topics) {
      if (present.has(topic.name)) faults.push(...(await examine(admin, topic, tell)));
      else if (dryRun) tell(`would create topic ${topic.name}: ${summary(topic)}`);
      else {
        await create(admin, topic, replication);
        tell(`created topic ${topic.name}: ${summary(topic)}`);
      }
    }
  });
  return faults;
}

const summary = ({ partitions, config }: OwnTopic): string =>
  [`${partitions} partitions`, ...Object.entries(config).map(([name, value]) => `${name}=${value}`)].join(', ');

async function create(admin: Admin, { name, partitions, config }: OwnTopic, replication: number): Promise<void> {
  const brokers = (await admin.describeCluster()).brokers.length;
  // On fewer brokers than replicas are asked for, nothing could ever be acknowledged.
  const insync = String(
    Math.min(Number(config['min.insync.replicas']), brokers, replication < 0 ? brokers : replication),
  );
  const entries = Object.entries({ ...config, 'min.insync.replicas': insync });
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: name,
          numPartitions: partitions,
          replicationFactor: replication,
          configEntries: entries.map(([key, value]) => ({ name: key, value })),
        },
      ],
    });
  } catch (error) {
    throw new Error(`topic ${name} could not be created: ${explain(error, name)}`, { cause: error });
  }
}

async function examine(admin: Admin, topic: OwnTopic, tell: (line: string) => void): Promise<string[]> {
  const faults: string[] = [];
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic.name] });
  const partitions = topics[0].partitions.length;
  if (partitions !== topic.partitions) {
    faults.push(
      `topic ${topic.name} has ${partitions} partitions, the configuration wants ${topic.partitions}: correct the setting ` +
        `beside ${topic.setting}, or name a new topic; partitions of this one must never change`,
    );
  }
  const configNames = Object.keys(topic.config);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic.name, configNames }],
  });
  const found = new Map(resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]));
  let differs = false;
  for (const name of configNames) {
    const wanted = topic.config[name];
    const value = found.get(name);
    if (value === undefined || enough(name, value, wanted)) continue;
    differs = true;
    const command = `kafka-configs --alter --topic ${topic.name} --add-config ${name}=${wanted}`;
    if (topic.must.includes(name))
      faults.push(`topic ${topic.name} has ${name}=${value}, it must be ${wanted}: ${command}`);
    else tell(`topic ${topic.name}: ${name} is ${value}, ${wanted} is advised: ${command}`);
  }
  if (faults.length === 0 && !differs) tell(`topic ${topic.name} is as it should be`);
  return faults;
}

/** For sizes and times more is as good; −1 is without limit. */
function enough(name: string, value: string, wanted: string): boolean {
  if (value === wanted) return true;
  if (name === 'cleanup.policy' || name === 'message.timestamp.type') return false;
  const least = name === 'max.message.bytes' || name.startsWith('retention.');
  return least && (Number(value) === -1 || (wanted !== '-1' && Number(value) >= Number(wanted)));
}
