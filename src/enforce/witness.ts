import type { KeyAction, Outcome } from '../domain/action';
import type { LiveAction } from './key';
import { type EnforceState, liveActions } from './state';

/**
 * What was seen of the traffic of one key since the receiver acknowledged an action on it. Event times, milliseconds;
 * negative infinity for never.
 */
export interface Sighting {
  /** Newest refusal by the gateway: 401 or 403; 429 as well while the key is rate limited. */
  readonly refusedAt: number;
  /** Newest request that was let through. */
  readonly passedAt: number;
  /** Refusals since then. */
  readonly refusals: number;
}

const never = Number.NEGATIVE_INFINITY;
export const unseen: Sighting = { refusedAt: never, passedAt: never, refusals: 0 };

const TOO_MANY = 429;
/** So many refusals in a row are no chance: a key may be refused now and then without any action on it. */
const IN_A_ROW = 3;

/** Takes one event in; events at or before `from` (event time) tell nothing of the action. */
export function sighted(before: Sighting, action: KeyAction, status: number, ts: number, from: number): Sighting {
  if (ts <= from) return before;
  const refused = status === 401 || status === 403 || (status === TOO_MANY && action === 'rate-limit');
  if (refused) {
    const refusals = ts >= before.passedAt ? before.refusals + 1 : before.refusals;
    return { ...before, refusedAt: Math.max(before.refusedAt, ts), refusals };
  }
  return ts > before.passedAt ? { ...before, passedAt: ts, refusals: 0 } : before;
}

/** Event time from which on the action must show: the acknowledgement and what the gateway may take after it. */
export const showsFrom = (deliveredAt: number, effectMs: number): number => deliveredAt + effectMs;

/** Actions after which requests may go on, within their limits or after a further proof: never called ineffective. */
const mayGoOn: ReadonlySet<KeyAction> = new Set(['rate-limit', 'step-up']);

/** When nothing has told how it is for so long after its time, people are to look. */
const BLIND_FACTOR = 4;

/**
 * The verdict on an acknowledged action, or undefined while there is none. Several refusals in a row show that it is
 * effective. When its time is up, one refusal after the last request that was let through shows it, and so do data that
 * reach as far without any request; a request that was let through shows that it is not.
 * @param reached event time that the data have reached, milliseconds
 */
export function verdict(
  live: LiveAction,
  seen: Sighting,
  now: number,
  reached: number,
  limits: { readonly effectMs: number; readonly effectiveWithinMs: number },
): { readonly state: 'effective' | 'ineffective'; readonly detail: string } | undefined {
  const { deliveredAt, stage, witnessed, request } = live;
  if (stage !== 'delivered' || witnessed !== undefined || deliveredAt === undefined) return undefined;
  const refused = { state: 'effective', detail: 'its requests are refused' } as const;
  if (seen.refusals >= IN_A_ROW) return refused;
  if (now < deliveredAt + limits.effectiveWithinMs) return undefined;
  if (seen.refusals > 0) return refused;
  if (mayGoOn.has(request.action)) return undefined;
  if (seen.passedAt > showsFrom(deliveredAt, limits.effectMs)) {
    return { state: 'ineffective', detail: 'requests with the key are still let through' };
  }
  if (reached > showsFrom(deliveredAt, limits.effectMs)) return { state: 'effective', detail: 'its requests stopped' };
  if (now < deliveredAt + BLIND_FACTOR * limits.effectiveWithinMs) return undefined;
  return { state: 'ineffective', detail: 'the log has not shown what became of it' };
}

/** Keys to be watched: those with an acknowledged action that has no verdict yet. */
export function watched(state: EnforceState): ReadonlyMap<string, LiveAction> {
  const keys = new Map<string, LiveAction>();
  for (const live of liveActions(state)) {
    if (live.stage === 'delivered' && live.witnessed === undefined) keys.set(live.request.key, live);
  }
  return keys;
}

/** The ledger's line of a verdict. */
export const witnessOutcome = (
  live: LiveAction,
  found: { readonly state: 'effective' | 'ineffective'; readonly detail: string },
  at: number,
): Outcome => ({ requestId: live.request.id, state: found.state, at, detail: found.detail });
