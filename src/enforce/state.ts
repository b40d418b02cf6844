import { type ActionRequest, isReversible, type Outcome } from '../domain/action';
import { type ActiveKeys, type Circuits, closedCircuits, noteAccepted, noteHeld, reset } from './breaker';
import { emptyGroups, type Groups, noteGrouped } from './groups';
import { type KeyRecord, type LiveAction, noRecord, stepKey } from './key';
import { MAX_KEYS, MAX_PARTITIONS, MAX_SEEN } from './settings';

export type { LiveAction } from './key';

/**
 * What Enforce knows, all of it but `active` derived from the ledger's outcomes. Values are never changed in place;
 * `applyOutcomes` makes the next one. All times are wall clock, milliseconds, except `forgotten` (event time).
 */
export interface EnforceState {
  /** Request id → key of its live action, in order of acceptance. */
  readonly live: ReadonlyMap<string, string>;
  /** Least recently changed first. */
  readonly keys: ReadonlyMap<string, KeyRecord>;
  /** Request id → event time of its decision, oldest outcome first. */
  readonly seen: ReadonlyMap<string, number>;
  /**
   * Newest decision time among the ids that were forgotten to keep `seen` bounded. A request decided at or before it
   * may be one of them and is therefore never acted on.
   */
  readonly forgotten: number;
  readonly circuits: Circuits;
  readonly groups: Groups;
  /** Keys seen active, per partition, as last reported. */
  readonly active: ReadonlyMap<number, Active>;
}

interface Active {
  readonly keys: number;
  readonly tenants: ReadonlyMap<string, number> | undefined;
  readonly at: number;
}

export const emptyState: EnforceState = {
  live: new Map(),
  keys: new Map(),
  seen: new Map(),
  forgotten: Number.NEGATIVE_INFINITY,
  circuits: closedCircuits,
  groups: emptyGroups,
  active: new Map(),
};

/** A copy that its maker may change until it is handed out as an `EnforceState`. */
export interface Draft extends EnforceState {
  live: Map<string, string>;
  keys: Map<string, KeyRecord>;
  seen: Map<string, number>;
  forgotten: number;
  circuits: Circuits;
  groups: Groups;
}

export const draftOf = (state: EnforceState): Draft => ({
  ...state,
  live: new Map(state.live),
  keys: new Map(state.keys),
  seen: new Map(state.seen),
});

export const recordOf = (state: EnforceState, key: string): KeyRecord => state.keys.get(key) ?? noRecord;

/** Live actions in order of acceptance. */
export function* liveActions(state: EnforceState): Iterable<LiveAction> {
  for (const [id, key] of state.live) {
    const live = state.keys.get(key)?.live.find(({ request }) => request.id === id);
    if (live !== undefined) yield live;
  }
}

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

/** Keeps the record as the one changed last; beyond the bound the oldest without a live action is forgotten. */
function keep(draft: Draft, key: string, record: KeyRecord): void {
  draft.keys.delete(key);
  draft.keys.set(key, record);
  if (draft.keys.size - draft.live.size <= MAX_KEYS) return;
  for (const [oldest, { live }] of draft.keys) {
    if (live.length > 0 || oldest === key) continue;
    draft.keys.delete(oldest);
    return;
  }
}

function step(draft: Draft, key: string, outcome: Outcome, request?: ActionRequest): void {
  const before = recordOf(draft, key);
  const after = stepKey(before, outcome, request);
  if (after === before) return;
  for (const { request } of before.live)
    if (!after.live.some((l) => l.request.id === request.id)) draft.live.delete(request.id);
  for (const { request } of after.live) if (!draft.live.has(request.id)) draft.live.set(request.id, key);
  keep(draft, key, after);
}

function first(draft: Draft, outcome: Outcome): void {
  const { requestId: id, request, rail, at } = outcome;
  if (draft.seen.has(id)) return;
  if (request === undefined) throw new Error(`ledger: the first outcome of ${id} has no request`);
  if (outcome.state === 'accepted') {
    const endless = outcome.until === undefined && isReversible(request.action);
    if (outcome.notAfter === undefined || endless) throw new Error(`ledger: the acceptance of ${id} has no end`);
  }
  // What a person asked for and was refused may be asked for again under the same id.
  if (outcome.state === 'accepted' || request.by === undefined) remember(draft, id, request.decidedAt);
  step(draft, request.key, outcome, request);
  if (outcome.state === 'accepted') {
    if (request.by === undefined) draft.circuits = noteAccepted(draft.circuits, request.tenant, at);
  } else draft.circuits = noteHeld(draft.circuits, request.tenant, { rail, at, requestId: id });
}

/**
 * Changes `draft` by one outcome. An outcome that was applied before changes nothing, so a line that a failed append
 * left in the ledger and its repetition are as good as one. Throws where the ledger is damaged.
 */
export function applyTo(draft: Draft, outcome: Outcome): void {
  switch (outcome.state) {
    case 'held':
    case 'accepted':
      first(draft, outcome);
      return;
    case 'breaker-reset':
      draft.circuits = reset(draft.circuits, outcome.tenant);
      return;
    case 'grouped':
      if (outcome.group !== undefined) {
        draft.groups = noteGrouped(draft.groups, outcome.requestId, outcome.group, outcome.at);
      }
      return;
    default: {
      const key = draft.live.get(outcome.requestId) ?? outcome.key;
      if (key !== undefined) step(draft, key, outcome);
    }
  }
}

export function applyOutcomes(state: EnforceState, outcomes: readonly Outcome[]): EnforceState {
  const draft = draftOf(state);
  for (const outcome of outcomes) applyTo(draft, outcome);
  return draft;
}

/** The state after a restart: everything that the ledger holds, in its order. Active keys are not known yet. */
export const replayLedger = (outcomes: readonly Outcome[]): EnforceState => applyOutcomes(emptyState, outcomes);

/**
 * `keys` of this partition were active in the breaker's window that ends at `at`, and so many of each tenant where that
 * is known. Replaces the last report.
 */
export function noteActive(
  state: EnforceState,
  partition: number,
  keys: number,
  at: number,
  tenants?: ReadonlyMap<string, number>,
): EnforceState {
  if (!state.active.has(partition) && state.active.size >= MAX_PARTITIONS) return state;
  return { ...state, active: new Map(state.active).set(partition, { keys, tenants, at }) };
}

/** Keys active within the window; undefined when nobody reported any, for example just after a start. */
export function activeKeys(state: EnforceState, tenant: string, now: number, windowMs: number): ActiveKeys {
  let fleet: number | undefined;
  let own: number | undefined;
  for (const { keys, tenants, at } of state.active.values()) {
    if (at <= now - windowMs) continue;
    fleet = (fleet ?? 0) + keys;
    const ofTenant = tenants?.get(tenant);
    if (ofTenant !== undefined) own = (own ?? 0) + ofTenant;
  }
  return { fleet, tenant: own };
}

/** People were told of a key. Not durable: after a restart a key is raised again by its next alert. */
export function noteRaised(
  state: EnforceState,
  about: { readonly key: string; readonly keyName: string; readonly tenant: string; readonly incidentId: string },
  at: number,
): EnforceState {
  const draft = { ...draftOf(state) };
  const { key, keyName, tenant, incidentId } = about;
  keep(draft, key, { ...recordOf(draft, key), keyName, tenant, raised: { at, incidentId } });
  return draft;
}
