import type { Decisions } from '../decide/book';
import type { Policy } from '../decide/policy';
import type { TagSettings } from '../decide/tags';
import type { Detector } from '../detect/detector';
import type { ModelSettings } from '../detect/model';
import type { DirectCommand } from '../domain/command';
import type { UsageEvent } from '../domain/event';
import type { Inventory } from '../domain/inventory';
import type { GateSettings } from '../profile/time-gate';
import type { PackEntry } from './packs';

/** One entry of a partition's log. `offset` is the record's, `timestamp` the broker's (undefined where there is none). */
export type LogEntry =
  | {
      readonly kind: 'event';
      readonly offset: number;
      readonly event: UsageEvent;
      readonly timestamp: number | undefined;
    }
  | PackEntry
  | { readonly kind: 'tick'; readonly ts: number }
  | { readonly kind: 'inventory'; readonly inventory: Inventory }
  | { readonly kind: 'command'; readonly command: DirectCommand };

export interface EngineSettings {
  readonly partition: number;
  readonly detectors: readonly Detector[];
  readonly policy: Policy;
  readonly mode: 'dry-run' | 'enforce';
  readonly gate: GateSettings;
  readonly maturityMs: number;
  readonly suspectMaxMs: number;
  readonly incidentIdleMs: number;
  readonly maxKeys: number;
  /** Without it the built-in tags. */
  readonly tags?: TagSettings | undefined;
  /** Models over what the detectors found; without it no windows are kept. */
  readonly model?: ModelSettings | undefined;
}

/** What an `advance` decided, in order, and what it counted. */
export interface Effects extends Decisions {
  events: number;
  /** Events of an internal log that were taken before. */
  repeated: number;
  late: number;
  clockFaults: number;
}
