import type { DeadLetterGate } from '../../adapters/dead-letters';
import { createGeoip } from '../../adapters/geoip';
import { bothHalves } from '../../adapters/kafka/log/halves';
import { holdToLog } from '../../adapters/kafka/log/remembered';
import { createLogWriter } from '../../adapters/kafka/log/writer';
import { ingestSlices, packSlices } from '../../adapters/kafka/slices';
import { createKafkaSource } from '../../adapters/kafka/source';
import type { Config } from '../../config';
import type { InternalLogConfig } from '../../config/log';
import type { Source, SourceHandler } from '../../ports';
import type { InternalLog } from '../../runtime/log';
import type { RuntimeParts } from '../../runtime/parts';
import { createRepartition } from '../../runtime/repartition';
import { murmur2 } from '../../stats/murmur2';
import { placing } from '../core';
import { kafkaOf } from '../outputs';
import type { House } from './house';

/** Partitions of the source that Ingest packs while others wait for their packs to be durable. */
const INGEST_AT_ONCE = 3;

type KafkaSource = Extract<Config['source'], { kind: 'kafka' }>;
export type LoggedSource = KafkaSource & { readonly log: InternalLogConfig };

/** The source's settings where an internal log is configured. */
export const loggedSource = ({ source }: Pick<Config, 'source'>): LoggedSource | undefined =>
  source.kind === 'kafka' && source.log !== undefined ? { ...source, log: source.log } : undefined;

/** Whether this process only packs: it decides nothing and keeps no state. */
export const ingestsOnly = (config: Pick<Config, 'source'>): boolean =>
  loggedSource(config)?.log.roles.includes('detect') === false;

/** Tells packs of one topic from those of another, or of one that was created anew. */
const generationOf = ({ topic, log }: LoggedSource): number =>
  murmur2(Buffer.from(`${topic}\n${log.generation}`, 'utf8')) >>> 0;

function writerOf({ kafkaLog, closing }: House, source: LoggedSource) {
  const writer = createLogWriter(kafkaOf(source, kafkaLog), source.log.topic, source.log.partitions);
  closing.push(() => writer.close());
  return writer;
}

/** The Ingest half: the source, and what packs its records into the log. */
export function openIngest(
  house: House,
  source: LoggedSource,
  ingest: RuntimeParts['ingest'],
  deadLetters: DeadLetterGate,
  writer = writerOf(house, source),
): { readonly source: Source; readonly handler: SourceHandler } {
  const { kafkaLog, telemetry } = house;
  const reading = createKafkaSource({
    ...source,
    kafka: kafkaOf(source, kafkaLog),
    log: kafkaLog,
    lost: telemetry.gap,
    slices: ingestSlices,
    concurrency: INGEST_AT_ONCE,
  });
  const handler = createRepartition({
    source: reading.name,
    ingest,
    enrich: placing(createGeoip()),
    partitions: source.log.partitions,
    generation: generationOf(source),
    write: writer.write,
    deadLetters: (letters) => deadLetters.offer(letters),
    telemetry,
  });
  return { source: reading, handler };
}

/** What Detect reads where an internal log is configured: the log, with Ingest beside it where this process has both halves. */
export async function openLog(
  house: House,
  ingest: RuntimeParts['ingest'],
  deadLetters: DeadLetterGate,
): Promise<{ readonly source: Source; readonly log: InternalLog } | undefined> {
  const source = loggedSource(house.config);
  if (source === undefined) return undefined;
  const { log } = source;
  await holdToLog(house.config.state.dir, log);
  const writer = writerOf(house, source);
  const detect = createKafkaSource({
    kafka: kafkaOf(source, house.kafkaLog),
    topic: log.topic,
    group: log.group,
    start: 'earliest',
    sessionTimeout: source.sessionTimeout,
    log: house.kafkaLog,
    lost: house.telemetry.gap,
    partitions: log.partitions,
    slices: packSlices,
  });
  const append = (partition: number, value: Buffer) => writer.write([{ partition, value }]);
  return {
    source: log.roles.includes('ingest')
      ? bothHalves(openIngest(house, source, ingest, deadLetters, writer), detect)
      : detect,
    log: { partitions: log.partitions, telemetry: house.metrics.log, append },
  };
}
