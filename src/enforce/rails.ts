import type { ActionRequest, Outcome, Rail } from '../domain/action';
import { type EnforceContext, type EnforceSettings, MAX_SUSPENSION_MS } from './settings';
import { activeKeys, applyTo, draftOf, type EnforceState, standingOf } from './state';

/** Why a request is held. `detail` is for people. */
interface Hold {
  readonly rail: Rail;
  readonly detail: string;
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** A fleet of few keys must still be able to lose one: a share above 0 always allows one suspension. */
function shareLimit(share: number, active: number): number {
  return share === 0 ? 0 : Math.max(1, Math.floor(share * active));
}

function byBreaker(state: EnforceState, now: number, { breaker }: EnforceSettings): Hold | undefined {
  if (state.breaker.open) {
    return { rail: state.breaker.rail, detail: 'the circuit breaker is open until a person resets it' };
  }
  const recent = state.accepted.filter((at) => at > now - breaker.windowMs).length;
  const window = seconds(breaker.windowMs);
  if (recent >= breaker.count) {
    return { rail: 'breaker-count', detail: `${recent} suspensions in ${window}, at most ${breaker.count} allowed` };
  }
  const active = activeKeys(state, now, breaker.windowMs);
  // Without a report of active keys the share is unknown; the count alone bounds the damage until there is one.
  if (active === undefined || recent < shareLimit(breaker.share, active)) return undefined;
  return {
    rail: 'breaker-share',
    detail: `${recent} suspensions in ${window}, ${active} keys active, at most ${breaker.share * 100} % allowed`,
  };
}

function holdOf(state: EnforceState, request: ActionRequest, now: number, context: EnforceContext): Hold | undefined {
  const { settings } = context;
  if (settings.protectedKeys.has(request.key)) return { rail: 'protected-key', detail: 'the key is on the list' };
  const standing = standingOf(state, request.key, now, settings.keyCooldownMs);
  if (standing.state === 'cooling') return { rail: 'key-cooldown', detail: 'its standing changed a moment ago' };
  if (standing.state !== 'quiet') return { rail: 'already-suspended', detail: `the key is ${standing.state}` };
  const age = now - request.decidedAt;
  if (age > settings.maxAgeMs) return { rail: 'stale', detail: `decided ${seconds(age)} ago` };
  if (request.decidedAt <= state.forgotten) return { rail: 'stale', detail: 'decided before the remembered requests' };
  if (context.lagging) return { rail: 'lagging', detail: 'the data is late or has a gap' };
  return byBreaker(state, now, settings);
}

/**
 * Decides one request at `now` (wall clock, milliseconds). The rails are met in a fixed order: known id, dry run,
 * protected key, already suspended, cooldown, stale, lagging, breaker by count, breaker by share. Answers no outcome
 * for a known id, else exactly one: `held` with its rail, or `accepted` with `until` and `notAfter`.
 */
export function decide(
  state: EnforceState,
  request: ActionRequest,
  now: number,
  context: EnforceContext,
): readonly Outcome[] {
  if (state.seen.has(request.id)) return [];
  const hold = holdOf(state, request, now, context);
  const base = { requestId: request.id, at: now, request };
  if (context.settings.mode === 'dry-run') {
    const detail = hold === undefined ? 'would be suspended' : `would be held: ${hold.rail}, ${hold.detail}`;
    return [{ ...base, state: 'held', rail: 'dry-run', detail }];
  }
  if (hold !== undefined) return [{ ...base, state: 'held', rail: hold.rail, detail: hold.detail }];
  const until = now + Math.max(0, Math.min(request.durationMs, MAX_SUSPENSION_MS));
  const notAfter = Math.min(now + context.settings.notAfterMs, until);
  return [{ ...base, state: 'accepted', notAfter, until }];
}

/** Decides requests in their order, each in view of those before it. */
export function decideAll(
  state: EnforceState,
  requests: readonly ActionRequest[],
  now: number,
  context: EnforceContext,
): readonly Outcome[] {
  const draft = draftOf(state);
  const outcomes: Outcome[] = [];
  for (const request of requests) {
    for (const outcome of decide(draft, request, now, context)) {
      applyTo(draft, outcome);
      outcomes.push(outcome);
    }
  }
  return outcomes;
}
