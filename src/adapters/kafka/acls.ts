import type { Config } from '../../config';
import type { OwnTopic } from './topics';

type KafkaSource = Extract<Config['source'], { kind: 'kafka' }>;

/** Least rights of the user that keywatch runs as, as `kafka-acls` commands. `topics`: keywatch's own. */
export function aclCommands(
  source: KafkaSource,
  topics: readonly OwnTopic[],
  outputs: readonly string[],
): readonly string[] {
  const user = source.sasl?.username ?? 'keywatch';
  const allow = (rest: string) =>
    `kafka-acls --bootstrap-server ${source.brokers[0]} --add --allow-principal ${quoted(`User:${user}`)} ${rest}`;
  const onTopic = (name: string, ...operations: string[]) =>
    allow(`${operations.map((operation) => `--operation ${operation}`).join(' ')} --topic ${quoted(name)}`);
  return [
    onTopic(source.topic, 'Read', 'Describe'),
    ...topics.map(({ name }) => onTopic(name, 'Read', 'Write', 'Describe')),
    ...[...new Set(outputs)].map((name) => onTopic(name, 'Write', 'Describe')),
    // Prefixed: readers of checkpoints and the group of enforcement have names that begin with it.
    allow(`--operation Read --operation Describe --group ${quoted(source.group)} --resource-pattern-type prefixed`),
    ...(source.log === undefined
      ? []
      : [allow(`--operation Read --operation Describe --group ${quoted(source.log.group)}`)]),
  ];
}

/** For a shell: names may hold what it would take for its own. */
const quoted = (text: string): string => (/^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
