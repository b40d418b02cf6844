import { type Admin, ConfigResourceTypes, type Kafka } from 'kafkajs';
import type { ClientWaits, KafkaConnection } from '../kafka/connection';
import { explain } from '../kafka/faults';
import { lookUp, type PartitionFacts, withAdmin } from '../kafka/places';
import { CHECK_MS, codeText, type Finding, failed, OutOfTime, ok, warning, within } from './finding';
import { connects } from './network';

/** So that the client lets go of a broker that does not answer before the check is given up. */
export const doctorWaits: ClientWaits = { connectMs: CHECK_MS - 1_000, requestMs: CHECK_MS - 1_000, retries: 1 };

/** Whether the configured brokers take connections; one is enough to find the others. */
export async function brokersReachable({ brokers }: Pick<KafkaConnection, 'brokers'>): Promise<Finding> {
  const check = 'Kafka brokers';
  const faults: string[] = [];
  await Promise.all(
    brokers.map(async (broker) => {
      const at = broker.lastIndexOf(':');
      try {
        await connects(broker.slice(0, at), Number(broker.slice(at + 1)));
      } catch (error) {
        faults.push(`${broker} (${codeText(error)})`);
      }
    }),
  );
  if (faults.length === 0)
    return ok(check, `${brokers.join(', ')} ${brokers.length === 1 ? 'takes' : 'take'} connections`);
  const todo =
    'see that brokers names host:port of the listener, that the broker runs, and that no firewall is between';
  const saw = `no connection to ${faults.join(', ')}`;
  return faults.length === brokers.length ? failed(check, saw, todo) : warning(check, saw, todo);
}

/** Whether a broker answers, with TLS and SASL as configured. */
export async function loginAccepted(kafka: Kafka, { tls, sasl }: KafkaConnection): Promise<Finding> {
  const check = 'Kafka login';
  const how = [tls?.enabled ? 'TLS' : 'no TLS', sasl ? `SASL ${sasl.mechanism}` : 'no SASL'].join(', ');
  try {
    const { brokers } = await asAdmin(kafka, (admin) => admin.describeCluster());
    return ok(check, `accepted (${how}); the cluster has ${brokers.length} brokers`);
  } catch (error) {
    const why = error instanceof OutOfTime ? error.message : explain(error, '');
    if (/^authentication failed|SASL/i.test(why)) {
      return failed(
        check,
        `user or password refused (${how})`,
        'correct sasl.username, sasl.mechanism, or the password that sasl.passwordFrom leads to',
      );
    }
    if (/^TLS failed/.test(why)) {
      return failed(
        check,
        why,
        'set tls.caFile to the authority of the brokers, tls.serverName, or the client certificate',
      );
    }
    return failed(
      check,
      `connected, but there is no answer (${how}): ${why}`,
      'see that the port is that of a Kafka listener, and whether the listener wants TLS or SASL (tls, sasl)',
    );
  }
}

/** Whether an output's topic is there. */
export async function topicExists(kafka: Kafka, topic: string): Promise<Finding & { readonly partitions: number }> {
  const check = `Kafka topic ${topic}`;
  try {
    const { topics } = await asAdmin(kafka, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    const partitions = topics[0]?.partitions.length ?? 0;
    return { ...ok(check, `there, with ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`), partitions };
  } catch (error) {
    const why = error instanceof OutOfTime ? error.message : explain(error, topic);
    const todo = why.includes('does not exist')
      ? 'create the topic, or correct topic'
      : 'give the user Describe on the topic (kafka-acls), or look into the log of the broker';
    return { ...failed(check, why.split(':')[0], todo), partitions: 0 };
  }
}

/** Whether the topic keeps records long enough to learn from, and all of them. */
export async function topicKeeps(kafka: Kafka, topic: string, maturityMs: number): Promise<Finding> {
  const check = 'retention';
  try {
    const { resources } = await asAdmin(kafka, (admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: ['retention.ms', 'cleanup.policy'] }],
      }),
    );
    const values = new Map(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]));
    const policy = values.get('cleanup.policy') ?? 'delete';
    if (policy.includes('compact')) {
      return warning(check, `cleanup.policy is ${policy}: older records of a key vanish`, 'set cleanup.policy=delete');
    }
    const kept = Number(values.get('retention.ms') ?? -1);
    const days = (ms: number) => `${Number((ms / 86_400_000).toFixed(1))} days`;
    if (kept >= 0 && kept < maturityMs) {
      return warning(
        check,
        `records are kept ${days(kept)}, detect.maturity is ${days(maturityMs)}`,
        'keep records longer (retention.ms): a state that is lost could not be learned again from the topic',
      );
    }
    return ok(check, kept < 0 ? 'records are kept without limit of time' : `records are kept ${days(kept)}`);
  } catch (error) {
    return warning(
      check,
      `cannot be seen: ${error instanceof OutOfTime ? error.message : explain(error, topic)}`,
      'give the user DescribeConfigs on the topic to have it checked; keywatch itself needs it not',
    );
  }
}

export interface GroupPlace {
  readonly topic: string;
  readonly group: string;
  readonly start: string;
}

/** Where the group stands in the topic, and the facts of each partition for what comes after. */
export async function groupPlace(
  kafka: Kafka,
  { topic, group, start }: GroupPlace,
): Promise<{ readonly finding: Finding; readonly facts: ReadonlyMap<number, PartitionFacts> }> {
  const check = `consumer group ${group}`;
  try {
    const facts = await within(CHECK_MS, () => lookUp(kafka, topic, group, start));
    return { finding: standing(check, facts), facts };
  } catch (error) {
    const why = error instanceof OutOfTime ? error.message : explain(error, topic);
    const finding = failed(check, why, 'give the user Read on the topic and on the group (kafka-acls)');
    return { finding, facts: new Map() };
  }
}

function standing(check: string, facts: ReadonlyMap<number, PartitionFacts>): Finding {
  const all = [...facts.values()];
  const begun = all.filter(({ committed }) => committed !== undefined);
  if (begun.length === 0) {
    const records = all.reduce((sum, { high, start }) => sum + high - start, 0);
    return ok(check, `has not read yet; it would begin ${records} records before the end`);
  }
  const beyond = begun.some(({ committed = 0, high }) => committed > high);
  if (beyond) {
    return failed(
      check,
      'stands behind the end of the topic: the topic was created anew or lost records',
      'remove the state directory and reset the group, or restore the topic',
    );
  }
  const lost = begun.reduce((sum, { committed = 0, low }) => sum + Math.max(0, low - committed), 0);
  const lag = all.reduce((sum, { committed, low, high }) => sum + high - Math.max(low, committed ?? low), 0);
  if (lost > 0) {
    return warning(
      check,
      `${lost} records were deleted by retention before they were read; ${lag} wait`,
      'keep keywatch running, or keep records longer (retention.ms)',
    );
  }
  return ok(check, `${lag} records wait to be read`);
}

const asAdmin = <T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> =>
  within(CHECK_MS, () => withAdmin(kafka, work));
