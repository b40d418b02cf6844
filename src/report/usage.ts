import type { UsageEvent } from '../domain/event';
import type { Inventory, KeyFacts } from '../domain/inventory';
import { createObserver } from '../profile/observation';
import { type LimitName, type Scope, scopeOf } from './declared';

/** Bounds of what is remembered of a log. */
export interface UsageBounds {
  /** Keys that are not declared: further ones are counted together. Declared ones always have a place. */
  readonly keys: number;
  /** Networks, clients, countries, routes and actors of one key, each: further ones make the count "at least". */
  readonly ofKey: number;
  /** The same of all keys together; where keys are declared, half of it is theirs alone. */
  readonly inAll: number;
}

export const usageBounds: UsageBounds = { keys: 200_000, ofKey: 256, inAll: 4_000_000 };

/** Use outside one declared limit. Times in milliseconds. */
export interface Outside {
  requests: number;
  first: number;
  last: number;
  /** Of the first request, for people; bounded. */
  readonly example: string;
}

/** One key as a log shows it. Times in milliseconds. */
export interface KeyUse {
  readonly key: string;
  keyName: string;
  tenant: string;
  first: number;
  last: number;
  requests: number;
  denied: number;
  readonly networks: Set<number>;
  readonly clients: Set<number>;
  readonly countries: Set<string>;
  readonly routes: Set<number>;
  /** First request by actor. */
  readonly actors: Map<number, number>;
  /** A bound was met: the counts are at least that. */
  full: boolean;
  readonly outside: Map<LimitName, Outside>;
  readonly facts: KeyFacts | undefined;
  readonly scope: Scope | undefined;
}

/** What a log holds of all keys. */
export interface Usage {
  readonly keys: ReadonlyMap<string, KeyUse>;
  /** First and last event time; undefined where there is no event. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  readonly events: number;
  /** Events of keys beyond the bound. */
  readonly beyond: number;
  /** Events later than the present, left out: a clock that is wrong. */
  readonly fromFuture: number;
}

export interface UsageOptions {
  readonly inventory: Inventory;
  /** Events after this moment are left out, milliseconds. */
  readonly present: number;
  /** Replaces what may not be kept of an address, after the declared limits were held against it. */
  readonly conceal?: ((event: UsageEvent) => UsageEvent) | undefined;
  readonly bounds?: UsageBounds | undefined;
}

/** Gathers the use of every key. Memory is bounded by `bounds`, whatever the log holds. */
export function createUsage({ inventory, present, conceal = (event) => event, bounds = usageBounds }: UsageOptions) {
  const observe = createObserver();
  const keys = new Map<string, KeyUse>();
  let left = bounds.inAll;
  let undeclared = 0;
  const reserved = inventory.rows.length === 0 ? 0 : Math.floor(bounds.inAll / 2);
  let from = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;
  let events = 0;
  let beyond = 0;
  let fromFuture = 0;

  function room(use: KeyUse, held: number): boolean {
    if (held < bounds.ofKey && left > (use.facts === undefined ? reserved : 0)) {
      left--;
      return true;
    }
    use.full = true;
    return false;
  }
  function keep<T>(use: KeyUse, set: Set<T>, value: T): void {
    if (!set.has(value) && room(use, set.size)) set.add(value);
  }

  return {
    see(raw: UsageEvent): void {
      const { ts, key } = raw;
      if (ts > present) {
        fromFuture++;
        return;
      }
      events++;
      from = Math.min(from, ts);
      until = Math.max(until, ts);
      let use = keys.get(key);
      if (use === undefined) {
        const facts = inventory.of(key);
        if (facts === undefined && undeclared >= bounds.keys) {
          beyond++;
          return;
        }
        if (facts === undefined) undeclared++;
        use = useOf(raw, facts);
        keys.set(key, use);
      }
      use.requests++;
      use.first = Math.min(use.first, ts);
      use.last = Math.max(use.last, ts);
      if (raw.keyName !== '') use.keyName = raw.keyName;
      if (raw.tenant !== '') use.tenant = raw.tenant;
      const broken = use.scope?.broken(raw, ts) ?? [];
      use.scope?.use(raw);
      const event = conceal(raw);
      const seen = observe(event, ts, 0, 0);
      if (seen.denied) use.denied++;
      if (event.ip !== '') keep(use, use.networks, seen.network.near);
      keep(use, use.clients, seen.client.family);
      if (event.country !== '') keep(use, use.countries, event.country);
      keep(use, use.routes, seen.route);
      const began = use.actors.get(seen.actor);
      if (began === undefined ? room(use, use.actors.size) : ts < began) use.actors.set(seen.actor, ts);
      for (const name of broken) noteOutside(use.outside, name, ts, exampleOf(name, event, seen.network.nearName));
    },
    result: (): Usage => ({
      keys,
      from: events === 0 ? undefined : from,
      until: events === 0 ? undefined : until,
      events,
      beyond,
      fromFuture,
    }),
  };
}

function useOf({ key, keyName, tenant, ts }: UsageEvent, facts: KeyFacts | undefined): KeyUse {
  return {
    key,
    keyName,
    tenant,
    first: ts,
    last: ts,
    requests: 0,
    denied: 0,
    networks: new Set(),
    clients: new Set(),
    countries: new Set(),
    routes: new Set(),
    actors: new Map(),
    full: false,
    outside: new Map(),
    facts,
    scope: facts && scopeOf(facts),
  };
}

function noteOutside(of: Map<LimitName, Outside>, name: LimitName, ts: number, example: string): void {
  const known = of.get(name);
  if (known === undefined) {
    of.set(name, { requests: 1, first: ts, last: ts, example });
    return;
  }
  known.requests++;
  known.first = Math.min(known.first, ts);
  known.last = Math.max(known.last, ts);
}

function exampleOf(name: LimitName, event: UsageEvent, network: string): string {
  if (name === 'network') return network;
  if (name === 'country') return event.country;
  return name === 'route' ? `${event.method} ${event.route}`.slice(0, 200) : '';
}

/** The use of a declared key, under its id or the hash of its secret: the later one. */
export function usesByRow(usage: Usage): ReadonlyMap<string, KeyUse> {
  const found = new Map<string, KeyUse>();
  for (const use of usage.keys.values()) {
    if (use.facts === undefined) continue;
    const known = found.get(use.facts.key);
    if (known === undefined || known.last < use.last) found.set(use.facts.key, use);
  }
  return found;
}
