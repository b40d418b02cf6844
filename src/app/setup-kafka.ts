import { aclCommands } from '../adapters/kafka/acls';
import { explain } from '../adapters/kafka/faults';
import { setUpTopics } from '../adapters/kafka/setup';
import { ownTopics } from '../adapters/kafka/topics';
import type { Config } from '../config';
import { type CommandContext, OperatorError } from '../options';
import { kafkaOf } from './outputs';

/** The brokers' own default number of replicas. */
const BROKERS_DEFAULT = -1;

/**
 * Prepares the topics of keywatch's own. On `out`: the least rights, as commands; on `err`: what was done, or would be.
 * Rejects when something that is there must be put right, or the brokers refuse.
 */
export async function setUpKafka(
  config: Pick<Config, 'source' | 'state' | 'enforce' | 'alerts' | 'deadLetters'>,
  dryRun: boolean,
  { terminal }: CommandContext,
): Promise<void> {
  const { source } = config;
  if (source.kind !== 'kafka') throw new OperatorError('the source of the configuration is not Kafka');
  const topics = ownTopics(config);
  const outputs = [...config.alerts, ...config.deadLetters].flatMap((output) =>
    output.kind === 'kafka' ? [output.topic] : [],
  );
  for (const command of aclCommands(source, topics, outputs)) terminal.out.write(`${command}\n`);
  const tell = (line: string) => void terminal.err.write(`${source.brokers[0]}: ${line}\n`);
  if (topics.length === 0) {
    tell(
      'the configuration wants no topic of its own: source.log, state.checkpoints.kind and enforce.log.kind are off',
    );
    return;
  }
  const kafka = kafkaOf(source, () => undefined);
  const faults = await setUpTopics({ kafka, topics, replication: BROKERS_DEFAULT, dryRun, tell }).catch((error) => {
    throw new OperatorError(`${source.brokers[0]}: ${explain(error, '')}`);
  });
  if (faults.length > 0) throw new OperatorError(faults.join('\n'));
}
