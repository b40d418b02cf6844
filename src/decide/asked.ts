import { type Action, isKeyAction, type KeyAction, type Rail, strengthOf } from '../domain/action';
import type { OutcomeNote } from '../domain/command';
import type { Incident } from './incident';

/** Actions asked for in one incident: each gives people its time to look; after that it is theirs to decide. */
const MOST_ASKED = 3;

/** Rails that say nothing of the request itself: it may be made again after this, event time, milliseconds. */
const passing: ReadonlySet<Rail> = new Set(['key-cooldown', 'lagging', 'catching-up', 'data-quality']);
const AGAIN_MS = 300_000;

/** The action that a verdict asks for now: none while one as strong is asked for, or after the last that may be. */
export function wanted(incident: Incident, action: Action, ts: number): KeyAction | undefined {
  if (!isKeyAction(action) || incident.suspensions >= MOST_ASKED) return undefined;
  const stronger = incident.asked !== undefined && strengthOf(action) > strengthOf(incident.asked);
  return ts >= incident.suspendedUntil || stronger ? action : undefined;
}

export function noteAsked(incident: Incident, action: KeyAction, ts: number, durationMs: number): void {
  incident.asked = action;
  incident.suspendedUntil = ts + durationMs;
  incident.suspensions++;
}

/** Whether the time of what was asked for is over while more may be asked for. */
export const askedEnded = (incident: Incident, ts: number): boolean =>
  incident.suspendedUntil > 0 && ts >= incident.suspendedUntil && incident.suspensions < MOST_ASKED;

/** Takes in what became of a request of the incident: its next document says so. Once more, it changes nothing. */
export function noteOutcome(incident: Incident, note: OutcomeNote): void {
  const { requestId: id, state, rail, at, until } = note;
  incident.request = { id, state, ...(rail === undefined ? {} : { rail }) };
  if (state === 'held' && rail !== undefined && passing.has(rail)) {
    incident.suspendedUntil = Math.min(incident.suspendedUntil, at + AGAIN_MS);
  }
  // The end as Enforce has set it, which grows with repetition.
  if (state === 'accepted' && until !== undefined) incident.suspendedUntil = Math.max(incident.suspendedUntil, until);
}
