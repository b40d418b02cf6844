import type { UsageEvent } from '../domain/event';
import type { PackedEvent } from '../ingest/pack-format';
import { admitFrom, advanceTo, hear, raise } from '../profile/sources';
import type { GateSettings, GateState } from '../profile/time-gate';

/** Events of one source partition, as a record of an internal log has them. */
export interface PackEntry {
  readonly kind: 'pack';
  readonly offset: number;
  /** The broker's time of the record in the log, milliseconds. */
  readonly loggedAt: number;
  /** See `PackOrigin`. */
  readonly generation: number;
  readonly partition: number;
  readonly events: readonly PackedEvent[];
}

/** Takes what is new of a pack; answers how many events were taken before. */
export function takePack(
  gate: GateState,
  entry: PackEntry,
  settings: GateSettings,
  use: (event: UsageEvent, ts: number) => void,
): number {
  const source = hear(gate.sources, entry.generation, entry.partition, entry.loggedAt);
  let repeated = 0;
  for (const { event, offset, index, timestamp } of entry.events) {
    if (advanceTo(source, offset, index)) admitFrom(gate, source, event, timestamp ?? entry.loggedAt, settings, use);
    else repeated++;
  }
  raise(gate);
  return repeated;
}
