import type { Outcome } from '../domain/action';
import { RELEASE_TRY_MS } from './settings';
import type { EnforceState, Suspension } from './state';

export type CommandKind = 'suspend' | 'release';

/** Something to do now: send a command, or record a change of state that time alone brought. */
export type Work =
  | { readonly do: 'deliver'; readonly kind: CommandKind; readonly id: string; readonly suspension: Suspension }
  | { readonly do: 'record'; readonly outcome: Outcome; readonly suspension: Suspension };

/** Last moment at which an attempt may still run, wall clock, milliseconds. */
export const deadlineOf = ({ stage, notAfter, until }: Suspension): number =>
  stage === 'accepted' ? notAfter : until + RELEASE_TRY_MS;

/** Outcome of a delivery that is given up. */
export function givenUp(id: string, { stage }: Suspension, at: number, detail: string): Outcome {
  return { requestId: id, state: stage === 'accepted' ? 'undelivered' : 'release-undelivered', at, detail };
}

/**
 * What is due at `now`, in order of acceptance. A suspension whose `notAfter` has come is never sent. `suspending` is
 * false in dry run: suspensions accepted earlier are then given up unsent, while keys that were really suspended are
 * still released.
 */
export function due(state: EnforceState, now: number, suspending = true): readonly Work[] {
  const work: Work[] = [];
  for (const [id, suspension] of state.live) {
    const { stage, until } = suspension;
    if (stage === 'delivered') {
      if (now < until) continue;
      work.push({ do: 'record', suspension, outcome: { requestId: id, state: 'release-due', at: now } });
    } else if (stage === 'accepted' && !suspending) {
      work.push({ do: 'record', suspension, outcome: givenUp(id, suspension, now, 'keywatch is in dry run') });
    } else if (now >= deadlineOf(suspension)) {
      work.push({ do: 'record', suspension, outcome: givenUp(id, suspension, now, 'no acknowledgement in time') });
    } else {
      work.push({ do: 'deliver', kind: stage === 'accepted' ? 'suspend' : 'release', id, suspension });
    }
  }
  return work;
}

/** When after `now` time alone next makes something due, wall clock, milliseconds; Infinity when nothing waits. */
export function nextDue(state: EnforceState, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const suspension of state.live.values()) {
    const at = suspension.stage === 'delivered' ? suspension.until : deadlineOf(suspension);
    if (at > now) next = Math.min(next, at);
  }
  return next;
}

const STEPS_MS = [0, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

/** Attempts after which a release is tried every `SLOW_MS` only. */
const SLOW_AFTER = 20;
const SLOW_MS = 300_000;

/** Longest wait that a receiver may ask for. */
export const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Wait before attempt `attempt` (0 is the first), milliseconds: 0, 1, 2, 5, 10, 30, then 60 s, a fifth of jitter to
 * either side; `random` answers 0–1. A suspension is worth something for minutes only, hence no exponential growth;
 * its `notAfter` ends the series. A release goes on for a day, every 5 minutes after the first 20 attempts.
 * A wait that the receiver asked for (`retryAfterMs`) is kept to, up to `MAX_RETRY_AFTER_MS`.
 */
export function retrySchedule(
  attempt: number,
  random: () => number,
  kind: CommandKind = 'suspend',
  retryAfterMs = 0,
): number {
  const slow = kind === 'release' && attempt >= SLOW_AFTER;
  const step = slow ? SLOW_MS : STEPS_MS[Math.min(attempt, STEPS_MS.length - 1)]!;
  const wait = Math.round(step * (0.8 + 0.4 * random()));
  return Math.max(wait, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}
