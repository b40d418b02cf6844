import type { UsageEvent } from '../domain/event';
import type { DeadLetter } from '../domain/rejection';
import { createPacker } from '../ingest/pack';
import type { PackOrigin } from '../ingest/pack-format';
import type { Slice, SourceHandler, Telemetry } from '../ports';
import { partitionOf } from '../stats/murmur2';
import type { RuntimeParts } from './parts';

/** A record and the partition of the log that it is for. */
export interface Addressed {
  readonly partition: number;
  readonly value: Buffer;
}

export interface RepartitionParts {
  /** Name of the source, for dead letters. */
  readonly source: string;
  readonly ingest: RuntimeParts['ingest'];
  /** Finishes an event, the whole address at hand. */
  readonly enrich: (event: UsageEvent) => UsageEvent;
  readonly partitions: number;
  /** See `PackOrigin`. */
  readonly generation: number;
  /** Resolves when all records are durable, each behind those of its partition that were written before. */
  readonly write: (records: readonly Addressed[]) => Promise<void>;
  readonly deadLetters: (letters: readonly DeadLetter[]) => Promise<void>;
  readonly telemetry: Pick<Telemetry, 'records' | 'noKey' | 'rejected' | 'lag'>;
}

/**
 * The Ingest half: records of the source become events, without secrets, and go in packs to the partitions of their keys.
 * A slice resolves, and its place may be committed, when all of its packs are durable. It keeps nothing: after a crash the
 * records behind the committed place are packed again, and Detect drops what it has taken. Memory is bounded by the slice.
 */
export function createRepartition(parts: RepartitionParts): SourceHandler {
  const { partitions } = parts;
  const packers = Array.from({ length: partitions }, () => createPacker(partitions));

  function pack({ partition, records }: Slice): { readonly packs: Addressed[]; readonly letters: DeadLetter[] } {
    const origin: PackOrigin = { generation: parts.generation, partition };
    const packs: Addressed[] = [];
    const letters: DeadLetter[] = [];
    const filled = new Set<number>();
    let bytes = 0;
    let noKey = 0;
    for (const { offset, value, timestamp } of records) {
      bytes += value.length;
      for (const result of parts.ingest.ingest(value)) {
        if (result.kind === 'event') {
          const event = parts.enrich(result.event);
          const target = partitionOf(event.key, partitions);
          filled.add(target);
          if (packers[target].add(event, offset, result.index, timestamp)) continue;
          packs.push({ partition: target, value: packers[target].take(origin) });
          packers[target].add(event, offset, result.index, timestamp);
        } else if (result.kind === 'no-key') noKey++;
        else {
          const position = { partition, offset, index: result.index };
          const { source, ingest } = parts;
          letters.push({ ...result.rejection, source, position, format: ingest.format(), bytes: value.length });
        }
      }
    }
    for (const target of filled)
      if (packers[target].count() > 0) packs.push({ partition: target, value: packers[target].take(origin) });
    parts.telemetry.records(partition, records.length, bytes);
    if (noKey > 0) parts.telemetry.noKey(noKey);
    for (const { reason } of letters) parts.telemetry.rejected(reason, 1);
    return { packs, letters };
  }

  return {
    assigned: async () => undefined,
    async slice(slice) {
      const { packs, letters } = pack(slice);
      if (packs.length > 0) await parts.write(packs);
      if (letters.length > 0) await parts.deadLetters(letters);
      parts.telemetry.lag(slice.partition, slice.lag);
    },
    revoked: async (partition) => parts.telemetry.lag(partition, undefined),
  };
}
