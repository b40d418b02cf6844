import { join } from 'node:path';
import { createFileCheckpointStore } from '../../adapters/file/checkpoint';
import { createKafkaCheckpointStore } from '../../adapters/kafka/checkpoints';
import { createKeyedTopic, type KeyedTopic } from '../../adapters/kafka/keyed-topic';
import type { CheckpointStore } from '../../ports';
import { kafkaOf } from '../outputs';
import type { House } from './house';

/** Where what was learned is kept, as configured. */
export function openCheckpoints(house: House): CheckpointStore {
  const { config, context, kafkaLog } = house;
  const { kind, topic } = config.state.checkpoints;
  if (kind === 'folder') return createFileCheckpointStore(join(config.state.dir, 'checkpoints'));
  return createKafkaCheckpointStore(openKeyedTopic(house, topic), context.version, kafkaLog);
}

/** A topic of keywatch's own on the brokers of the source; closed with the house. */
export function openKeyedTopic({ config, kafkaLog, closing }: House, topic: string): KeyedTopic {
  const { source } = config;
  if (source.kind !== 'kafka') throw new Error(`topic ${topic} needs a source of kind kafka, whose brokers it uses`);
  const opened = createKeyedTopic({
    kafka: kafkaOf(source, kafkaLog),
    topic,
    group: source.group,
    log: kafkaLog,
    compress: true,
  });
  closing.push(() => opened.close());
  return opened;
}
