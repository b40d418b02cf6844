import { type ActionRequest, type Outcome, type Rail, strengthOf } from '../domain/action';

/**
 * An action that is not over: `accepted` waits for delivery, `delivered` for its end, `release-due` for its release.
 * All times are wall clock, milliseconds.
 */
export interface LiveAction {
  readonly request: ActionRequest;
  readonly stage: 'accepted' | 'delivered' | 'release-due';
  readonly acceptedAt: number;
  readonly notAfter: number;
  /** When it ends; Infinity for a revocation. */
  readonly until: number;
  readonly deliveredAt?: number | undefined;
  /** What the key's traffic showed after the acknowledgement. */
  readonly witnessed?: 'effective' | 'ineffective' | undefined;
  /** Why it ended before its time. */
  readonly ending?: { readonly by?: string | undefined; readonly detail?: string | undefined } | undefined;
}

/** All that Enforce remembers of one key. */
export interface KeyRecord {
  /** In order of acceptance; the strongest one wins. */
  readonly live: readonly LiveAction[];
  /** When its last action was over (released, given up). */
  readonly changedAt: number;
  /** When its automatic actions were accepted, oldest first; those that a person took back do not count. */
  readonly strikes: readonly number[];
  /** When people were last told of it, or a request of it was held. */
  readonly raised?: { readonly at: number; readonly incidentId: string; readonly rail?: Rail | undefined } | undefined;
  /** The last release by a person. */
  readonly released?: { readonly at: number; readonly by: string } | undefined;
  readonly revoked?: { readonly at: number; readonly request: ActionRequest } | undefined;
  /** What people call it, and whose it is. */
  readonly keyName: string;
  readonly tenant: string;
}

export const noRecord: KeyRecord = {
  live: [],
  changedAt: Number.NEGATIVE_INFINITY,
  strikes: [],
  keyName: '',
  tenant: '',
};

const MAX_STRIKES = 16;

/** The strongest of those that are not being released; of equals the later one. */
export function strongest(record: KeyRecord): LiveAction | undefined {
  let found: LiveAction | undefined;
  for (const live of record.live) {
    if (live.stage === 'release-due') continue;
    if (found === undefined || strengthOf(live.request.action) >= strengthOf(found.request.action)) found = live;
  }
  return found;
}

/** When the key's standing last changed. */
export function lastChange(record: KeyRecord): number {
  return record.live.reduce((latest, { acceptedAt }) => Math.max(latest, acceptedAt), record.changedAt);
}

const without = (record: KeyRecord, id: string) => record.live.filter(({ request }) => request.id !== id);

const replaced = (record: KeyRecord, live: LiveAction): KeyRecord => ({
  ...record,
  live: record.live.map((other) => (other.request.id === live.request.id ? live : other)),
});

function ended(record: KeyRecord, id: string, at: number): KeyRecord {
  return { ...record, live: without(record, id), changedAt: Math.max(record.changedAt, at) };
}

function accepted(record: KeyRecord, outcome: Outcome, request: ActionRequest): KeyRecord {
  const { at, notAfter } = outcome;
  const until = outcome.until ?? Number.POSITIVE_INFINITY;
  const live: LiveAction = { request, stage: 'accepted', acceptedAt: at, notAfter: notAfter ?? at, until };
  const strikes = request.by === undefined ? [...record.strikes, at].slice(-MAX_STRIKES) : record.strikes;
  const { keyName, tenant } = request;
  return { ...record, live: [...record.live, live], strikes, keyName, tenant };
}

/** A weaker one is taken back; one of the same kind is over, since its successor holds in its place. */
function superseded(record: KeyRecord, live: LiveAction, outcome: Outcome): KeyRecord {
  const successor = strongest({ ...record, live: without(record, live.request.id) });
  if (successor === undefined) return record;
  if (successor.request.action === live.request.action) return { ...record, live: without(record, live.request.id) };
  if (live.stage === 'release-due') return record;
  return replaced(record, {
    ...live,
    stage: 'release-due',
    until: outcome.at,
    ending: { detail: 'A stronger action has taken its place.' },
  });
}

function releaseDue(record: KeyRecord, live: LiveAction, outcome: Outcome): KeyRecord {
  const { at, by, detail } = outcome;
  if (live.stage === 'release-due' || live.request.action === 'revoke') return record;
  if (by === undefined)
    return live.stage === 'delivered' ? replaced(record, { ...live, stage: 'release-due' }) : record;
  const next = replaced(record, { ...live, stage: 'release-due', until: at, ending: { by, detail } });
  return { ...next, strikes: [], released: { at, by } };
}

function witnessed(record: KeyRecord, live: LiveAction, outcome: Outcome): KeyRecord {
  if (live.stage !== 'delivered' || live.witnessed !== undefined) return record;
  if (live.request.action !== 'revoke') {
    return replaced(record, { ...live, witnessed: outcome.state === 'effective' ? 'effective' : 'ineffective' });
  }
  return { ...ended(record, live.request.id, outcome.at), revoked: { at: outcome.at, request: live.request } };
}

/**
 * The state machine of one key: what it is after an outcome of one of its requests. An outcome that does not follow from
 * where the key stands changes nothing, so a line that a failed append left in the ledger and its repetition are as good
 * as one. `request` is the one that a first outcome brings.
 */
export function stepKey(record: KeyRecord, outcome: Outcome, request?: ActionRequest): KeyRecord {
  const { requestId: id, at, by } = outcome;
  const live = record.live.find((each) => each.request.id === id);
  switch (outcome.state) {
    case 'accepted':
      return request === undefined ? record : accepted(record, outcome, request);
    case 'held': {
      if (request === undefined) return record;
      const { incidentId, keyName, tenant } = request;
      return { ...record, raised: { at, incidentId, rail: outcome.rail }, keyName, tenant };
    }
    case 'delivered':
      return live?.stage === 'accepted' ? replaced(record, { ...live, stage: 'delivered', deliveredAt: at }) : record;
    case 'effective':
    case 'ineffective':
      return live === undefined ? record : witnessed(record, live, outcome);
    case 'undelivered': {
      if (live?.stage !== 'accepted') return record;
      return { ...ended(record, id, at), strikes: record.strikes.filter((strike) => strike !== live.acceptedAt) };
    }
    case 'superseded':
      return live === undefined ? record : superseded(record, live, outcome);
    case 'release-due':
      return live === undefined ? record : releaseDue(record, live, outcome);
    case 'released':
      if (live?.stage === 'release-due') return ended(record, id, at);
      return by === undefined || outcome.key === undefined ? record : { ...record, strikes: [], released: { at, by } };
    case 'release-undelivered':
      return live?.stage === 'release-due' ? ended(record, id, at) : record;
    case 'breaker-reset':
    case 'grouped':
      return record;
  }
}
