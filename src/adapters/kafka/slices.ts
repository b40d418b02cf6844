import type { Kafka, KafkaMessage } from 'kafkajs';
import type { KafkaLog } from './connection';
import { explain } from './faults';
import { lookUp, reportLoss } from './places';

/** How much is handed over between two heartbeats: whichever is reached first, and one record at least. */
export interface SliceLimits {
  readonly records: number;
  readonly bytes: number;
}

/** Records of the size of log lines. */
export const recordSlices: SliceLimits = { records: 500, bytes: Infinity };
/** For Ingest, which only packs: whole fetches, so that packs are full. */
export const ingestSlices: SliceLimits = { records: 2_000, bytes: 2_097_152 };
/** Packs: some 500 events, more only where one pack holds them. */
export const packSlices: SliceLimits = { records: 500, bytes: 65_536 };

/** Where a slice that begins at `from` ends. */
export function sliceEnd(messages: readonly KafkaMessage[], from: number, limits: SliceLimits): number {
  const most = Math.min(messages.length, from + limits.records);
  if (limits.bytes === Infinity) return most;
  let bytes = 0;
  for (let to = from; to < most; to++) {
    bytes += messages[to].value?.length ?? 0;
    if (bytes > limits.bytes && to > from) return to;
  }
  return most;
}

/** A gap in the offsets is looked into at most this often. */
const LOOK_EVERY_MS = 30_000;

/** Tells, in the background, how many records retention took where the offsets of a partition have a gap at `next`. */
export function watchForLoss(
  kafka: Kafka,
  {
    topic,
    group,
    log,
    lost,
  }: {
    readonly topic: string;
    readonly group: string;
    readonly log: KafkaLog;
    readonly lost?: (() => void) | undefined;
  },
): (partition: number, next: number) => Promise<void> {
  let lastLook = 0;
  return async (partition, next) => {
    if (Date.now() - lastLook < LOOK_EVERY_MS) return;
    lastLook = Date.now();
    try {
      const facts = (await lookUp(kafka, topic, group, 'earliest')).get(partition);
      // A gap is usual in a compacted topic; when the topic begins behind it, retention was faster than the reading.
      if (facts && facts.low > next) reportLoss(next, { topic, partition, facts, log, lost });
    } catch (error) {
      log('warn', 'a gap could not be explained', { topic, partition, from: next, error: explain(error, topic) });
    }
  };
}
