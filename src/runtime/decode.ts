import type { DeadLetter } from '../domain/rejection';
import type { LogEntry } from '../engine';
import type { RawRecord } from '../ports';
import type { Partition } from './partition';
import type { RuntimeParts } from './parts';

export interface Decoded {
  readonly entries: LogEntry[];
  readonly letters: readonly DeadLetter[];
}

/** Records to log entries; what was taken in already is passed over. `silent`: counted and reported before. */
export function decode(
  parts: RuntimeParts,
  partition: Partition,
  records: readonly RawRecord[],
  silent: boolean,
): Decoded {
  const { ingest, enrich, telemetry, source } = parts;
  const entries: LogEntry[] = [];
  const letters: DeadLetter[] = [];
  let bytes = 0;
  let noKey = 0;
  for (const { offset, value, timestamp } of records) {
    bytes += value.length;
    if (offset < partition.engine.next) continue;
    for (const result of ingest.ingest(value)) {
      if (result.kind === 'event')
        entries.push({ kind: 'event', offset, event: enrich(result.event, partition.engine), timestamp });
      else if (result.kind === 'no-key') noKey++;
      else {
        const position = { partition: partition.id, offset, index: result.index };
        letters.push({ ...result.rejection, source, position, format: ingest.format(), bytes: value.length });
      }
    }
  }
  if (silent) return { entries, letters: [] };
  telemetry.records(partition.id, records.length, bytes);
  if (noKey > 0) telemetry.noKey(noKey);
  for (const letter of letters) telemetry.rejected(letter.reason, 1);
  return { entries, letters };
}
