import type { ActionRequest, Outcome, Rail } from '../domain/action';
import { MAX_ACCEPTED, MAX_COOLING, MAX_PARTITIONS, MAX_SEEN } from './settings';

/** A suspension that is not over: `accepted` waits for delivery, `delivered` for its end, `release-due` for its release. */
export interface Suspension {
  readonly request: ActionRequest;
  readonly stage: 'accepted' | 'delivered' | 'release-due';
  readonly acceptedAt: number;
  readonly notAfter: number;
  readonly until: number;
}

/** Closed, or opened by a rail and open until a person resets it. */
export type Breaker =
  | { readonly open: false }
  | { readonly open: true; readonly rail: Rail; readonly since: number; readonly requestId: string };

/**
 * What Enforce knows, all of it but `active` derived from the ledger's outcomes. Values are never changed in place;
 * `applyOutcomes` makes the next one. All times are wall clock, milliseconds, except `forgotten` (event time).
 */
export interface EnforceState {
  /** By request id, in order of acceptance. */
  readonly live: ReadonlyMap<string, Suspension>;
  /** Key → id of its live suspension; never more than one. */
  readonly liveByKey: ReadonlyMap<string, string>;
  /** Key → when its last suspension was over (released, or given up), oldest first. */
  readonly lastChange: ReadonlyMap<string, number>;
  /** Request id → event time of its decision, oldest outcome first. */
  readonly seen: ReadonlyMap<string, number>;
  /**
   * Newest decision time among the ids that were forgotten to keep `seen` bounded. A request decided at or before it
   * may be one of them and is therefore never acted on.
   */
  readonly forgotten: number;
  /** Times of the acceptances since the breaker was last reset, in ledger order. */
  readonly accepted: readonly number[];
  readonly breaker: Breaker;
  /** Keys seen active, per partition, as last reported. */
  readonly active: ReadonlyMap<number, { readonly keys: number; readonly at: number }>;
}

export const emptyState: EnforceState = {
  live: new Map(),
  liveByKey: new Map(),
  lastChange: new Map(),
  seen: new Map(),
  forgotten: Number.NEGATIVE_INFINITY,
  accepted: [],
  breaker: { open: false },
  active: new Map(),
};

/** A copy that its maker may change until it is handed out as an `EnforceState`. */
export interface Draft extends EnforceState {
  live: Map<string, Suspension>;
  liveByKey: Map<string, string>;
  lastChange: Map<string, number>;
  seen: Map<string, number>;
  forgotten: number;
  accepted: number[];
  breaker: Breaker;
}

export const draftOf = (state: EnforceState): Draft => ({
  ...state,
  live: new Map(state.live),
  liveByKey: new Map(state.liveByKey),
  lastChange: new Map(state.lastChange),
  seen: new Map(state.seen),
  accepted: [...state.accepted],
});

function remember(draft: Draft, id: string, decidedAt: number): void {
  draft.seen.set(id, decidedAt);
  if (draft.seen.size <= MAX_SEEN) return;
  for (const [old, when] of draft.seen) {
    if (draft.live.has(old) || old === id) continue;
    draft.seen.delete(old);
    draft.forgotten = Math.max(draft.forgotten, when);
    return;
  }
}

function accept(draft: Draft, outcome: Outcome, request: ActionRequest): void {
  const { requestId: id, at, notAfter, until } = outcome;
  if (notAfter === undefined || until === undefined) {
    throw new Error(`ledger: the acceptance of ${id} has no end`);
  }
  remember(draft, id, request.decidedAt);
  draft.live.set(id, { request, stage: 'accepted', acceptedAt: at, notAfter, until });
  draft.liveByKey.set(request.key, id);
  draft.accepted.push(at);
  if (draft.accepted.length > MAX_ACCEPTED) draft.accepted.shift();
}

function end(draft: Draft, id: string, suspension: Suspension, at: number): void {
  const { key } = suspension.request;
  draft.live.delete(id);
  draft.liveByKey.delete(key);
  draft.lastChange.delete(key);
  draft.lastChange.set(key, at);
  if (draft.lastChange.size > MAX_COOLING) {
    for (const oldest of draft.lastChange.keys()) {
      draft.lastChange.delete(oldest);
      break;
    }
  }
}

function first(draft: Draft, outcome: Outcome): void {
  const { requestId: id, request, rail, at } = outcome;
  if (draft.seen.has(id)) return;
  if (request === undefined) throw new Error(`ledger: the first outcome of ${id} has no request`);
  if (outcome.state === 'accepted') {
    accept(draft, outcome, request);
    return;
  }
  remember(draft, id, request.decidedAt);
  if ((rail === 'breaker-count' || rail === 'breaker-share') && !draft.breaker.open) {
    draft.breaker = { open: true, rail, since: at, requestId: id };
  }
}

/**
 * Changes `draft` by one outcome. An outcome that was applied before changes nothing, so a line that a failed append
 * left in the ledger and its repetition are as good as one. Throws where the ledger is damaged.
 */
export function applyTo(draft: Draft, outcome: Outcome): void {
  const id = outcome.requestId;
  const suspension = draft.live.get(id);
  switch (outcome.state) {
    case 'held':
    case 'accepted':
      first(draft, outcome);
      return;
    case 'delivered':
      if (suspension?.stage === 'accepted') draft.live.set(id, { ...suspension, stage: 'delivered' });
      return;
    case 'release-due':
      if (suspension?.stage === 'delivered') draft.live.set(id, { ...suspension, stage: 'release-due' });
      return;
    case 'undelivered':
      if (suspension?.stage === 'accepted') end(draft, id, suspension, outcome.at);
      return;
    case 'released':
    case 'release-undelivered':
      if (suspension?.stage === 'release-due') end(draft, id, suspension, outcome.at);
      return;
    case 'breaker-reset':
      draft.breaker = { open: false };
      draft.accepted = [];
      return;
  }
}

export function applyOutcomes(state: EnforceState, outcomes: readonly Outcome[]): EnforceState {
  const draft = draftOf(state);
  for (const outcome of outcomes) applyTo(draft, outcome);
  return draft;
}

/** The state after a restart: everything that the ledger holds, in its order. Active keys are not known yet. */
export const replayLedger = (outcomes: readonly Outcome[]): EnforceState => applyOutcomes(emptyState, outcomes);

/** `keys` of this partition were active in the breaker's window that ends at `at`. Replaces the last report. */
export function noteActive(state: EnforceState, partition: number, keys: number, at: number): EnforceState {
  if (!state.active.has(partition) && state.active.size >= MAX_PARTITIONS) return state;
  return { ...state, active: new Map(state.active).set(partition, { keys, at }) };
}

/** Keys active within the window; undefined when nobody reported any, for example just after a start. */
export function activeKeys(state: EnforceState, now: number, windowMs: number): number | undefined {
  let total: number | undefined;
  for (const { keys, at } of state.active.values()) {
    if (at > now - windowMs) total = (total ?? 0) + keys;
  }
  return total;
}

/** Where a key stands. Times are wall clock, milliseconds. */
export type Standing =
  | { readonly state: 'quiet' }
  | { readonly state: 'suspending' | 'suspended'; readonly until: number }
  | { readonly state: 'releasing'; readonly since: number }
  | { readonly state: 'cooling'; readonly until: number };

export function standingOf(state: EnforceState, key: string, now: number, keyCooldownMs: number): Standing {
  const suspension = state.live.get(state.liveByKey.get(key) ?? '');
  if (suspension?.stage === 'accepted') return { state: 'suspending', until: suspension.until };
  if (suspension?.stage === 'delivered') return { state: 'suspended', until: suspension.until };
  if (suspension !== undefined) return { state: 'releasing', since: suspension.until };
  const changed = state.lastChange.get(key);
  if (changed === undefined || now - changed >= keyCooldownMs) return { state: 'quiet' };
  return { state: 'cooling', until: changed + keyCooldownMs };
}

/** Keys that are suspended, as far as the receiver acknowledged it. */
export function suspendedKeys(state: EnforceState): number {
  let count = 0;
  for (const { stage } of state.live.values()) if (stage !== 'accepted') count += 1;
  return count;
}
