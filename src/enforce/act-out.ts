import type { ActionRequest, BreakerRail, KeyAction, Outcome, Rail } from '../domain/action';
import { breakerRails } from '../domain/action';
import { decide } from './rails';
import type { EnforceSettings } from './settings';
import { applyTo, draftOf, emptyState, liveActions, noteActive } from './state';

/** A request of the past, and how many keys were active when it was made. */
export interface PastRequest {
  readonly request: ActionRequest;
  readonly activeKeys: number;
}

/** What would have been done to a key. Times are event time, milliseconds. */
export interface Acted {
  readonly request: ActionRequest;
  readonly action: KeyAction;
  readonly from: number;
  /** Undefined for ever. */
  readonly until: number | undefined;
}

export interface ActedOut {
  readonly acted: readonly Acted[];
  /** What a rail held, by rail. */
  readonly held: readonly { readonly request: ActionRequest; readonly rail: Rail; readonly detail: string }[];
  /** How often a circuit breaker opened. */
  readonly opened: number;
}

/**
 * What Enforce would have done with requests of the past, had it met each at the moment of its decision: every rail but
 * dry run, lag and data quality, which a log cannot tell. A receiver that answers at once is assumed, and a person who
 * closes a breaker one window after it opened; otherwise the first flood would hide everything after it.
 */
export function actOut(past: readonly PastRequest[], settings: EnforceSettings): ActedOut {
  const enforcing: EnforceSettings = {
    ...settings,
    mode: 'enforce',
    dryRun: { tiers: new Set(), rules: new Set() },
  };
  const acted: Acted[] = [];
  const held: { request: ActionRequest; rail: Rail; detail: string }[] = [];
  let draft = draftOf(emptyState);
  let reopenAt = Number.POSITIVE_INFINITY;
  let opened = 0;

  const ordered = [...past].sort((a, b) => a.request.decidedAt - b.request.decidedAt);
  for (const { request, activeKeys } of ordered) {
    const now = request.decidedAt;
    if (now >= reopenAt) {
      applyTo(draft, { requestId: `reset-${reopenAt}`, state: 'breaker-reset', at: reopenAt });
      reopenAt = Number.POSITIVE_INFINITY;
    }
    for (const outcome of endedBy(now)) applyTo(draft, outcome);
    draft = { ...draft, active: noteActive(draft, 0, activeKeys, now).active };
    for (const outcome of decide(draft, request, now, { settings: enforcing, lagging: false })) {
      applyTo(draft, outcome);
      if (outcome.state === 'accepted') {
        applyTo(draft, { requestId: request.id, state: 'delivered', at: now });
        acted.push({ request, action: request.action, from: now, until: outcome.until });
      } else if (outcome.rail !== undefined) {
        held.push({ request, rail: outcome.rail, detail: outcome.detail ?? '' });
        if (isBreaker(outcome.rail) && reopenAt === Number.POSITIVE_INFINITY) {
          opened++;
          reopenAt = now + settings.breaker.windowMs;
        }
      }
    }
  }
  return { acted, held, opened };

  /** Actions whose time is over, released at their end. */
  function endedBy(now: number): Outcome[] {
    const outcomes: Outcome[] = [];
    for (const { request, until } of liveActions(draft)) {
      if (until > now) continue;
      outcomes.push({ requestId: request.id, state: 'release-due', at: until });
      outcomes.push({ requestId: request.id, state: 'released', at: until });
    }
    return outcomes;
  }
}

const isBreaker = (rail: Rail): rail is BreakerRail => (breakerRails as readonly Rail[]).includes(rail);
