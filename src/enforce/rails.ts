import {
  type ActionRequest,
  isReversible,
  type KeyAction,
  type Outcome,
  type Rail,
  strengthOf,
} from '../domain/action';
import { heldByBreaker } from './breaker';
import { groupOfRequest } from './groups';
import { type KeyRecord, lastChange, strongest } from './key';
import { type EnforceContext, type EnforceSettings, MAX_SUSPENSION_MS } from './settings';
import { strikesOf } from './standing';
import { activeKeys, applyTo, draftOf, type EnforceState, recordOf } from './state';

/** Why a request is held. `detail` is for people. */
interface Hold {
  readonly rail: Rail;
  readonly detail: string;
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

function byProtection(request: ActionRequest, now: number, { protectedKeys }: EnforceSettings): Hold | undefined {
  const until = protectedKeys.get(request.key);
  return until === undefined || now >= until ? undefined : { rail: 'protected-key', detail: 'the key is on the list' };
}

function byAbility({ action, keyKind, by }: ActionRequest, settings: EnforceSettings): Hold | undefined {
  const { able, automaticRevoke } = settings;
  if (!able.actions.has(action)) return { rail: 'not-allowed', detail: `the enforcer cannot ${action} a key` };
  if (keyKind !== undefined && !able.keyKinds.has(keyKind)) {
    return { rail: 'not-allowed', detail: `the enforcer cannot act on key ids of the kind ${keyKind}` };
  }
  if (isReversible(action) || by !== undefined || automaticRevoke) return undefined;
  return { rail: 'not-allowed', detail: 'enforce.automaticRevoke is not set' };
}

/** The strongest live action wins; a person may renew one of the same kind. */
function byStrength(record: KeyRecord, { action, by }: ActionRequest): Hold | undefined {
  const live = strongest(record)?.request.action ?? (record.revoked === undefined ? undefined : 'revoke');
  if (live === undefined) return undefined;
  const distance = strengthOf(live) - strengthOf(action);
  if (distance < 0 || (distance === 0 && by !== undefined && record.revoked === undefined)) return undefined;
  return { rail: 'stronger-action', detail: `the key is under ${live}` };
}

function byStanding(record: KeyRecord, request: ActionRequest, now: number, cooldownMs: number): Hold | undefined {
  if (record.live.some(({ stage }) => stage === 'release-due')) {
    return { rail: 'key-cooldown', detail: 'its release is on the way' };
  }
  if (now - lastChange(record) < cooldownMs) {
    return { rail: 'key-cooldown', detail: 'its standing changed a moment ago' };
  }
  const { released } = record;
  if (released === undefined || request.decidedAt > released.at) return undefined;
  return { rail: 'released-by-person', detail: `${released.by} released the key after this was decided` };
}

function holdOf(state: EnforceState, request: ActionRequest, now: number, context: EnforceContext): Hold | undefined {
  const { settings, quality } = context;
  const record = recordOf(state, request.key);
  const settled =
    byProtection(request, now, settings) ??
    byAbility(request, settings) ??
    byStrength(record, request) ??
    byStanding(record, request, now, settings.keyCooldownMs);
  if (settled !== undefined) return settled;
  const age = now - request.decidedAt;
  if (age > settings.maxAgeMs) return { rail: 'stale', detail: `decided ${seconds(age)} ago` };
  if (request.decidedAt <= state.forgotten) return { rail: 'stale', detail: 'decided before the remembered requests' };
  if (context.lagging) return { rail: 'lagging', detail: 'the data is late' };
  if (quality !== undefined) return quality;
  const { tenant } = request;
  return heldByBreaker(
    state.circuits,
    tenant,
    now,
    settings,
    activeKeys(state, tenant, now, settings.breaker.windowMs),
  );
}

const would: Record<KeyAction, string> = {
  'rate-limit': 'would be rate limited',
  'step-up': 'would be asked for a further proof',
  suspend: 'would be suspended',
  revoke: 'would be revoked',
};

const isDry = ({ mode, dryRun }: EnforceSettings, { tier, rule, by }: ActionRequest) =>
  mode === 'dry-run' || (by === undefined && (dryRun.tiers.has(tier) || dryRun.rules.has(rule)));

/** How long an action lasts that is one of several: longer each time, up to the cap; never shorter than asked for. */
function durationOf(state: EnforceState, request: ActionRequest, now: number, { repeat }: EnforceSettings): number {
  const asked = Math.max(0, Math.min(request.durationMs, MAX_SUSPENSION_MS));
  if (request.by !== undefined) return asked;
  const strikes = strikesOf(recordOf(state, request.key), now, repeat.windowMs);
  const grown = asked * repeat.factor ** strikes;
  return Math.min(Math.max(asked, Math.min(grown, repeat.maxMs)), MAX_SUSPENSION_MS);
}

function accepted(state: EnforceState, request: ActionRequest, now: number, settings: EnforceSettings): Outcome {
  const base = { requestId: request.id, at: now, request, state: 'accepted' as const };
  if (!isReversible(request.action)) return { ...base, notAfter: now + settings.notAfterMs };
  const until = now + durationOf(state, request, now, settings);
  return { ...base, notAfter: Math.min(now + settings.notAfterMs, until), until };
}

function outcomeOf(
  state: EnforceState,
  request: ActionRequest,
  now: number,
  settings: EnforceSettings,
  hold: Hold | undefined,
): Outcome {
  const base = { requestId: request.id, at: now, request };
  if (isDry(settings, request)) {
    const detail = hold === undefined ? would[request.action] : `would be held: ${hold.rail}, ${hold.detail}`;
    return { ...base, state: 'held', rail: 'dry-run', detail };
  }
  if (hold !== undefined) return { ...base, state: 'held', rail: hold.rail, detail: hold.detail };
  return accepted(state, request, now, settings);
}

/**
 * Decides one request at `now` (wall clock, milliseconds). The rails are met in the order of `rails`. Answers no outcome
 * for a known id, else exactly one: `held` with its rail, or `accepted` with `notAfter` and `until`.
 */
export function decide(
  state: EnforceState,
  request: ActionRequest,
  now: number,
  context: EnforceContext,
): readonly Outcome[] {
  if (state.seen.has(request.id)) return [];
  const group = groupOfRequest(state.groups, request, now, context.settings.groupWindowMs);
  const told = group === undefined ? request : { ...request, group };
  return [outcomeOf(state, told, now, context.settings, holdOf(state, told, now, context))];
}

/**
 * Decides a person's own request: age, lag, data quality, cooldown and breakers do not hold it, a protected key only
 * unless it is `forced`.
 */
export function decideManual(
  state: EnforceState,
  request: ActionRequest,
  now: number,
  settings: EnforceSettings,
  forced: boolean,
): readonly Outcome[] {
  if (state.seen.has(request.id)) return [];
  const hold =
    (forced ? undefined : byProtection(request, now, settings)) ??
    byAbility(request, settings) ??
    byStrength(recordOf(state, request.key), request);
  return [outcomeOf(state, request, now, settings, hold)];
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
