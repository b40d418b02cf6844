import type { Command } from '../../domain/command';
import type { Inventory } from '../../domain/inventory';
import type { ManualResult } from '../../domain/standing';
import type { Feedback } from '../../enforce/incidents';
import type { Audit, EnforcementControl } from '../../ports';
import type { IncidentListing } from './listing';
import { Problem } from './problem';

/** What the API works on. */
export interface Desk {
  readonly control: EnforcementControl;
  readonly incidents: IncidentListing;
  /** Resolves when it is on disk. */
  readonly keepFeedback: (feedback: Feedback) => Promise<void>;
  /** The inventory in force. */
  readonly inventory: () => Inventory;
  /** Resolves when the command is durable; Detect takes it up within seconds. */
  readonly command: (command: Command) => Promise<void>;
  readonly audit: Audit;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly muteMs: number;
  readonly muteMaxMs: number;
}

/** What Enforce made of it, or the problem that it met. */
export function accepted(result: ManualResult): readonly string[] {
  if (result.ok) return result.requestIds;
  throw new Problem(409, `Held by the rail ${result.rail}: ${result.detail}`, { rail: result.rail });
}

export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOr = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : iso(ms));

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A record without what is undefined. */
export function defined<T extends object>(record: T): Defined<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Where a list goes on, as text that means nothing to the caller. */
export const cursorOf = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

export function placeOf<T>(cursor: string, read: (value: unknown) => T | undefined): T {
  let found: T | undefined;
  try {
    found = read(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    // Told below.
  }
  if (found === undefined) throw new Problem(400, 'The cursor is none that this server gave out.');
  return found;
}
