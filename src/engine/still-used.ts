import type { KeyAction } from '../domain/action';
import type { OutcomeNote } from '../domain/command';
import type { Observation } from '../domain/observation';
import type { ClientUse, KeyUses } from '../domain/use';

/** Keys that are remembered; beyond, the one whose action began first is forgotten. */
const MOST_KEYS = 1_000;
const MOST_CLIENTS = 16;
/** Event time from the first request counted until people are told of it while the action holds, milliseconds. */
const TELL_AFTER_MS = 3_600_000;
/** An action that ended is of interest until its incident is over. */
const KEEP_MS = 7 * 86_400_000;

/** Under these the owner has to give his clients another key. */
const stopping: ReadonlySet<KeyAction> = new Set(['suspend', 'revoke']);
export const stops = (action: KeyAction): boolean => stopping.has(action);

/**
 * Who still uses the keys that were suspended or revoked: 16 clients a key. When all places are taken a further client has
 * that of the one that asked once, the longest ago, or none: a crowd of passing callers does not push out who keeps asking.
 */
export class StillUsed {
  private readonly keys = new Map<string, KeyUses>();

  /** The receiver has acknowledged the action. While one holds, another goes on with its count; once more, nothing changes. */
  begin({ key, requestId, incidentId, at }: OutcomeNote): void {
    const known = this.keys.get(key);
    if (known?.requestId === requestId) return;
    const fresh = { key, since: at, ended: 0, first: 0, told: false, clients: [] };
    this.keys.delete(key);
    this.keys.set(key, { ...(known === undefined || known.ended > 0 ? fresh : known), requestId, incidentId });
    if (this.keys.size <= MOST_KEYS) return;
    for (const oldest of this.keys.keys()) {
      this.keys.delete(oldest);
      return;
    }
  }

  /** The action is over. Answers whether there is something to tell; once more, there is not. */
  end({ key, requestId, at }: OutcomeNote): boolean {
    const known = this.keys.get(key);
    if (known?.requestId !== requestId || known.ended > 0) return false;
    this.keys.set(key, { ...known, ended: at, told: true });
    return known.clients.length > 0;
  }

  /** A request of a key that is stopped; `ts` is its event time, milliseconds. */
  note({ event: { key }, actor, network, client }: Observation, ts: number): void {
    const known = this.keys.get(key);
    if (known === undefined || known.ended > 0 || ts < known.since) return;
    const clients = [...known.clients];
    const seen = { actor, network: network.nearName, client: client.name };
    const own = clients.findIndex((one) => one.actor === actor);
    if (own >= 0) {
      const { requests, last } = clients[own]!;
      clients[own] = { ...seen, requests: requests + 1, last: Math.max(last, ts) };
    } else {
      const place = clients.length < MOST_CLIENTS ? clients.length : passing(clients);
      if (place >= 0) clients[place] = { ...seen, requests: 1, last: ts };
    }
    this.keys.set(key, { ...known, first: known.first || ts, clients });
  }

  /** What an incident of the key says. Of an action without an incident each of the key's does, while it holds. */
  of(key: string, incidentId: string): readonly ClientUse[] {
    const known = this.keys.get(key);
    if (known === undefined) return [];
    const its = known.incidentId === incidentId || (known.incidentId === '' && known.ended === 0);
    return its ? known.clients : [];
  }

  /** Of which people are to be told at `now` (event time, milliseconds), each once. */
  due(now: number): readonly KeyUses[] {
    const found: KeyUses[] = [];
    for (const [key, known] of this.keys) {
      if (known.ended > 0 && now > known.ended + KEEP_MS) this.keys.delete(key);
      if (known.told || known.first === 0 || now < known.first + TELL_AFTER_MS) continue;
      this.keys.set(key, { ...known, told: true });
      found.push(known);
    }
    return found;
  }

  forget(key: string): void {
    this.keys.delete(key);
  }

  export(): readonly KeyUses[] {
    return [...this.keys.values()];
  }

  import(uses: readonly KeyUses[]): void {
    this.keys.clear();
    for (const one of uses) this.keys.set(one.key, one);
  }
}

/** The client that asked once, the longest ago; −1 where each asked more often. */
function passing(clients: readonly ClientUse[]): number {
  let found = -1;
  clients.forEach(({ requests, last }, i) => {
    if (requests === 1 && (found < 0 || last < clients[found]!.last)) found = i;
  });
  return found;
}
