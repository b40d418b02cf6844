import type { Command } from '../domain/command';
import type { DeadLetter } from '../domain/rejection';
import type { LogEntry } from '../engine';
import { encodeCommand, encodeTick } from '../ingest/pack';
import { type LogRecord, TYPE } from '../ingest/pack-format';
import { decodeLogRecord, PackFault } from '../ingest/unpack';
import type { RawRecord } from '../ports';
import { partitionOf } from '../stats/murmur2';
import { logEntryOf } from './journal';
import type { Partition } from './partition';
import type { RuntimeParts } from './parts';

/** What is counted of an internal log, beside `Telemetry`. */
export interface LogTelemetry {
  /** Events that were taken before: packs that Ingest wrote again. */
  repeated(count: number): void;
  /** Records of the log known to wait. */
  waiting(partition: number, records: number | undefined): void;
}

/**
 * The internal log: what Detect reads where events reach it in packs, keyed by key id. Ticks and commands are records of
 * it too: whoever writes one lets it take effect where it lies, so that it needs no journal, a process that has lost the
 * partition does no harm by it, and a command finds its partition from any process.
 */
export interface InternalLog {
  readonly partitions: number;
  readonly telemetry: LogTelemetry;
  /** Resolves when the record is durable at the end of the partition; rejects when it may not be. */
  append(partition: number, record: Buffer): Promise<void>;
}

/** Writes a tick or a command to one partition. */
export function appendEntry(
  log: InternalLog,
  partition: number,
  entry: { readonly kind: 'tick'; readonly ts: number } | { readonly kind: 'command'; readonly command: Command },
): Promise<void> {
  return log.append(partition, entry.kind === 'tick' ? encodeTick(entry.ts) : encodeCommand(entry.command));
}

/**
 * Writes a command where it belongs: one about a key to the key's partition, whoever has it; any other to `held`. Answers
 * to how many partitions.
 */
export async function appendCommand(log: InternalLog, command: Command, held: readonly number[]): Promise<number> {
  const targets = 'key' in command ? [partitionOf(command.key, log.partitions)] : held;
  for (const partition of targets) await log.append(partition, encodeCommand(command));
  return targets.length;
}

/** Whether a record holds events, which may be read together with those beside it. */
export const isPack = ({ value }: RawRecord): boolean => value[2] === TYPE.pack;

export interface Unpacked {
  readonly entries: LogEntry[];
  readonly letters: readonly DeadLetter[];
}

/**
 * Records of the log to entries; what was taken in already is passed over. A record that is none of ours is a dead letter.
 * Rejects when a pack was made for another number of partitions, or by a later version.
 */
export async function unpack(
  log: InternalLog,
  parts: RuntimeParts,
  partition: Partition,
  records: readonly RawRecord[],
  silent: boolean,
): Promise<Unpacked> {
  const entries: LogEntry[] = [];
  const letters: DeadLetter[] = [];
  for (const record of records) {
    if (record.offset < partition.engine.next) continue;
    const read = readRecord(record.value);
    if (read instanceof PackFault) {
      const position = { partition: partition.id, offset: record.offset, index: 0 };
      const rejection = { reason: 'unsupported-encoding', detail: read.message } as const;
      letters.push({
        ...rejection,
        source: parts.source,
        position,
        format: 'internal-log',
        bytes: record.value.length,
      });
      continue;
    }
    const entry = await entryOf(log, parts, partition, record, read);
    if (entry !== undefined) entries.push(entry);
  }
  if (silent) return { entries, letters: [] };
  for (const { reason } of letters) parts.telemetry.rejected(reason, 1);
  return { entries, letters };
}

function readRecord(value: Buffer): LogRecord | PackFault {
  try {
    return decodeLogRecord(value);
  } catch (error) {
    if (error instanceof PackFault) return error;
    throw error;
  }
}

async function entryOf(
  log: InternalLog,
  parts: RuntimeParts,
  partition: Partition,
  { offset, timestamp }: RawRecord,
  read: LogRecord,
): Promise<LogEntry | undefined> {
  if (read.kind === 'pack') {
    if (read.partitions !== log.partitions) throw new Error(otherPartitions(read.partitions, log.partitions));
    const events = read.events.map((packed) => ({ ...packed, event: parts.enrich(packed.event, partition.engine) }));
    return { kind: 'pack', offset, loggedAt: timestamp ?? 0, ...read.origin, events };
  }
  // A tick was made before it was written: a clock that runs ahead cannot push time by it.
  if (read.kind === 'tick') return { kind: 'tick', ts: Math.min(read.ts, timestamp ?? read.ts) };
  try {
    const entry = await logEntryOf({ partition: partition.id, next: offset, ...read }, (digest) =>
      parts.inventories.load(digest),
    );
    if (entry.kind === 'inventory') partition.inventory = entry.inventory.digest;
    return entry;
  } catch (error) {
    // Its rows lie in a store that was lost. The present inventory comes behind it.
    const reason = error instanceof Error ? error.message : String(error);
    parts.warn('an inventory of the log is lost; it is passed over', { id: partition.id, reason });
    return undefined;
  }
}

const otherPartitions = (then: number, now: number): string =>
  `the internal log was written for ${then} partitions and has ${now} by the configuration: keys have changed their ` +
  'partitions and would lose their baselines; give source.log.partitions its former value, or start a new topic and state';
