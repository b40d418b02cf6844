import type { Engine } from '../engine';
import type { Partition } from './partition';
import type { RuntimeParts } from './parts';

type Told = Pick<RuntimeParts, 'telemetry' | 'log'>;

/** What a partition holds, in full: looks at all of its keys, so at its assignment and its checkpoints alone. */
export function tellState({ telemetry }: Told, id: number, engine: Engine): void {
  telemetry.state(id, engine.keys, engine.bytes);
  telemetry.mature(id, engine.matureKeys());
  telemetry.undeclared(id, engine.undeclaredKeys());
}

/** After every slice. */
export function tellProgress({ telemetry }: Told, { id, engine }: Partition): void {
  telemetry.watermark(id, engine.watermark);
  telemetry.state(id, engine.keys, engine.bytes);
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
