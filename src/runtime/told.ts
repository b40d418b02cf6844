import type { Effects, Engine } from '../engine';
import type { Partition } from './partition';
import type { RuntimeParts } from './parts';

type Told = Pick<RuntimeParts, 'telemetry' | 'log'>;

/** Keys of a partition that were active on one day. */
export interface ActiveKeys {
  readonly partition: number;
  readonly keys: number;
  /** The same by tenant, where it is known. Looks at all keys. */
  readonly tenants: () => ReadonlyMap<string, number>;
}

export const activeOf = ({ id, engine }: Partition): ActiveKeys => ({
  partition: id,
  keys: engine.activeKeys,
  tenants: () => engine.rows.activeTenants(),
});

/** What an advance brought, once its effects are durable. */
export function tellDelivered({ telemetry, log }: Told, out: Effects): void {
  telemetry.events(out.events);
  if (out.repeated > 0) log?.telemetry.repeated(out.repeated);
  if (out.late > 0) telemetry.late(out.late);
  if (out.clockFaults > 0) telemetry.clockFaults(out.clockFaults);
  for (const { event } of out.alerts) telemetry.alert(event.kind, event.severity);
  for (const { action } of out.requests) telemetry.request(action);
  for (const { live, shadow } of out.differences ?? []) telemetry.difference(live, shadow);
}

/** What a partition holds, in full: looks at all of its keys, so at its assignment and its checkpoints alone. */
export function tellState({ telemetry }: Told, id: number, engine: Engine): void {
  telemetry.state(id, engine.keys, engine.bytes);
  telemetry.mature(id, engine.matureKeys());
  telemetry.undeclared(id, engine.undeclaredKeys());
  telemetry.learning(id, engine.learning.until() > 0);
}

/** After every slice. */
export function tellProgress({ telemetry }: Told, { id, engine }: Partition): void {
  telemetry.watermark(id, engine.watermark);
  telemetry.state(id, engine.keys, engine.bytes);
  telemetry.learning(id, engine.learning.until() > 0);
}

/** Records known to wait; with an internal log, that is where they wait. */
export function tellLag({ telemetry, log }: Told, id: number, lag: number | undefined): void {
  if (log === undefined) telemetry.lag(id, lag);
  else log.telemetry.waiting(id, lag);
}

/** Numbers of a partition that another process has now would read as ours. */
export function tellRevoked(parts: Told, id: number): void {
  tellLag(parts, id, undefined);
  parts.telemetry.revoked(id);
}
