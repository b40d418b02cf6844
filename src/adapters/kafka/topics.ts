import type { Config } from '../../config';

/** A topic of keywatch's own, as it must be. */
export interface OwnTopic {
  readonly name: string;
  /** The setting that names it. */
  readonly setting: string;
  readonly partitions: number;
  /** Settings of the topic that are created with it. Of those in `must`, another value is a fault; of the others it is told. */
  readonly config: Readonly<Record<string, string>>;
  readonly must: readonly string[];
}

const DAY_MS = 86_400_000;
/** A replay goes back a few checkpoints at most; the rest is for the days that nobody looks. */
const LOG_KEPT_MS = 3 * DAY_MS;
/** What the log must keep at least, in intervals of checkpoints. */
const LEAST_CHECKPOINTS = 10;

const compacted = (extra: Readonly<Record<string, string>> = {}) => ({
  'cleanup.policy': 'compact',
  'min.insync.replicas': '2',
  'max.message.bytes': '1048588',
  ...extra,
});

/**
 * The topics that a configuration wants, one table for all parts; none without a Kafka source. Checkpoints are compacted
 * early, so that the deleted ones do not lie about; the log is deleted by time.
 */
export function ownTopics({
  source,
  state,
  enforce,
}: Pick<Config, 'source' | 'state' | 'enforce'>): readonly OwnTopic[] {
  if (source.kind !== 'kafka') return [];
  const topics: OwnTopic[] = [];
  const partitions = source.log?.partitions ?? 1;
  if (source.log !== undefined) {
    const kept = Math.max(LOG_KEPT_MS, LEAST_CHECKPOINTS * state.checkpointEvery);
    const config = {
      'cleanup.policy': 'delete',
      'retention.ms': String(kept),
      'retention.bytes': '-1',
      'min.insync.replicas': '2',
      'max.message.bytes': '1048588',
      'message.timestamp.type': 'LogAppendTime',
    };
    topics.push({
      name: source.log.topic,
      setting: 'source.log.topic',
      partitions,
      config,
      must: ['cleanup.policy', 'max.message.bytes'],
    });
  }
  if (state.checkpoints.kind === 'kafka') {
    const config = compacted({ 'segment.bytes': '104857600', 'min.cleanable.dirty.ratio': '0.1' });
    const { topic: name } = state.checkpoints;
    topics.push({ name, setting: 'state.checkpoints.topic', partitions, config, must: ['cleanup.policy'] });
  }
  if (enforce.log.kind === 'kafka') {
    const { requestsTopic, ledgerTopic } = enforce.log;
    const requests = { 'cleanup.policy': 'delete', 'retention.ms': String(7 * DAY_MS), 'min.insync.replicas': '2' };
    topics.push({
      name: requestsTopic,
      setting: 'enforce.log.requestsTopic',
      partitions: 1,
      config: requests,
      must: ['cleanup.policy'],
    });
    topics.push({
      name: ledgerTopic,
      setting: 'enforce.log.ledgerTopic',
      partitions: 1,
      config: compacted(),
      must: ['cleanup.policy'],
    });
  }
  return topics;
}
