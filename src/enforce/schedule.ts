import { type Outcome, strengthOf } from '../domain/action';
import type { KeyRecord, LiveAction } from './key';
import { RELEASE_TRY_MS } from './settings';
import { type EnforceState, liveActions, recordOf } from './state';

export type CommandKind = 'act' | 'release';

/** Something to do now: send a command, or record a change of state that time alone brought. */
export type Work =
  | { readonly do: 'deliver'; readonly kind: CommandKind; readonly id: string; readonly live: LiveAction }
  | { readonly do: 'record'; readonly outcome: Outcome; readonly live: LiveAction };

/** Last moment at which an attempt may still run, wall clock, milliseconds. */
export const deadlineOf = ({ stage, notAfter, until }: LiveAction): number =>
  stage === 'accepted' ? notAfter : until + RELEASE_TRY_MS;

/** Outcome of a delivery that is given up. */
export function givenUp(id: string, { stage }: LiveAction, at: number, detail: string): Outcome {
  return { requestId: id, state: stage === 'accepted' ? 'undelivered' : 'release-undelivered', at, detail };
}

/** The action that takes the place of `live`: a stronger one, or a later one of the same kind. */
function successorOf(record: KeyRecord, live: LiveAction): LiveAction | undefined {
  const at = record.live.indexOf(live);
  return record.live.find((other, i) => {
    if (other.stage === 'release-due' || i === at) return false;
    const distance = strengthOf(other.request.action) - strengthOf(live.request.action);
    return live.stage === 'release-due' ? distance === 0 && i > at : distance > 0 || (distance === 0 && i > at);
  });
}

/** What is due of one action at `now`; undefined where it rests. */
function dueOf(record: KeyRecord, live: LiveAction, now: number, acting: boolean): Work | undefined {
  const { stage, until } = live;
  const { id } = live.request;
  const successor = successorOf(record, live);
  if (successor?.stage === 'delivered') {
    return { do: 'record', live, outcome: { requestId: id, state: 'superseded', at: now } };
  }
  if (stage === 'delivered') {
    if (now < until) return undefined;
    return { do: 'record', live, outcome: { requestId: id, state: 'release-due', at: now } };
  }
  if (stage === 'accepted' && !acting) {
    return { do: 'record', live, outcome: givenUp(id, live, now, 'keywatch is in dry run') };
  }
  if (now >= deadlineOf(live)) {
    return { do: 'record', live, outcome: givenUp(id, live, now, 'no acknowledgement in time') };
  }
  // What is about to be replaced is not sent any more.
  if (stage === 'accepted' && successor !== undefined) return undefined;
  return { do: 'deliver', kind: stage === 'accepted' ? 'act' : 'release', id, live };
}

/**
 * What is due at `now`, in order of acceptance. An action whose `notAfter` has come is never sent. `acting` is false in
 * dry run: actions accepted earlier are then given up unsent, while what really holds is still released.
 */
export function due(state: EnforceState, now: number, acting = true): readonly Work[] {
  const work: Work[] = [];
  for (const live of liveActions(state)) {
    const next = dueOf(recordOf(state, live.request.key), live, now, acting);
    if (next !== undefined) work.push(next);
  }
  return work;
}

/** When after `now` time alone next makes something due, wall clock, milliseconds; Infinity when nothing waits. */
export function nextDue(state: EnforceState, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const live of liveActions(state)) {
    const at = live.stage === 'delivered' ? live.until : deadlineOf(live);
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
 * either side; `random` answers 0–1. An action is worth something for minutes only, hence no exponential growth;
 * its `notAfter` ends the series. A release goes on for a day, every 5 minutes after the first 20 attempts.
 * A wait that the receiver asked for (`retryAfterMs`) is kept to, up to `MAX_RETRY_AFTER_MS`.
 */
export function retrySchedule(
  attempt: number,
  random: () => number,
  kind: CommandKind = 'act',
  retryAfterMs = 0,
): number {
  const slow = kind === 'release' && attempt >= SLOW_AFTER;
  const step = slow ? SLOW_MS : STEPS_MS[Math.min(attempt, STEPS_MS.length - 1)]!;
  const wait = Math.round(step * (0.8 + 0.4 * random()));
  return Math.max(wait, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}
