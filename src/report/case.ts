import { causeId } from '../decide/incident';
import type { UsageEvent } from '../domain/event';
import { createObserver } from '../profile/observation';

/** Bounds of what is remembered of one case; what is beyond is counted. */
export const caseBounds = {
  clients: 2_000,
  routes: 500,
  otherRoutes: 10_000,
  paths: 100_000,
  hours: 1_000,
  keys: 1_000,
};
export type CaseBounds = typeof caseBounds;

/** Times in milliseconds. `bytes`: sent to the client, as far as the log says. */
export interface Traffic {
  requests: number;
  /** Answered with a status below 400. */
  succeeded: number;
  denied: number;
  bytes: number;
  first: number;
  last: number;
}

/** One actor on the key. */
export interface CaseClient extends Traffic {
  /** As `keywatch.actor` of alerts has it. */
  readonly actor: string;
  readonly suspect: boolean;
  readonly network: string;
  readonly client: string;
  readonly countries: Set<string>;
  /** Its use of the key from `since` on. */
  after: number;
  /** Its use of a successor of the key; `first` 0 where it has none. */
  readonly successor: { requests: number; first: number; last: number };
}

export interface TouchedRoute extends Traffic {
  readonly route: string;
  /** Nobody else called it with this key. */
  alone: boolean;
}

/** Everything that the log says of one key and of those who are suspected to have stolen it. */
export interface Case {
  readonly clients: readonly CaseClient[];
  readonly routes: readonly TouchedRoute[];
  /** Of the suspects on this key, together. */
  readonly touched: Traffic & { readonly paths: number; readonly writes: number };
  readonly hours: readonly { readonly start: number; readonly requests: number; readonly denied: number }[];
  /** Other keys, successors among them, that the suspects' actors used. */
  readonly otherKeys: ReadonlyMap<string, Traffic & { readonly keyName: string }>;
  readonly key: Traffic;
  readonly from: number;
  readonly until: number;
  /** Requests of what was beyond a bound. */
  readonly beyond: { readonly clients: number; readonly routes: number; readonly hours: number; readonly keys: number };
}

export interface CaseOptions {
  /** All ids of the key. */
  readonly key: ReadonlySet<string>;
  /** All ids of the keys that replace it. */
  readonly successors: ReadonlySet<string>;
  /** Actors, as alerts name them. */
  readonly suspects: ReadonlySet<string>;
  /** When the use of the key should have ended; undefined where it should not have. */
  readonly since: number | undefined;
  readonly bounds?: CaseBounds;
}

const HOUR = 3_600_000;
const writes = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Gathers a case from events whose addresses are as they may be shown. Memory is bounded, whatever the log holds. */
export function createCase({ key, successors, suspects, since, bounds = caseBounds }: CaseOptions) {
  const observe = createObserver();
  const names = new Map<number, string>();
  const clients = new Map<string, CaseClient>();
  const moves = new Map<string, CaseClient['successor']>();
  const routes = new Map<string, TouchedRoute>();
  const othersRoutes = new Set<number>();
  const routeHashes = new Map<string, number>();
  const paths = new Set<string>();
  const hours = new Map<number, { start: number; requests: number; denied: number }>();
  const otherKeys = new Map<string, Traffic & { keyName: string }>();
  const beyond = { clients: 0, routes: 0, hours: 0, keys: 0 };
  const whole = noTraffic();
  const touched = noTraffic();
  let wrote = 0;
  let from = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;

  function nameOf(actor: number): string {
    const known = names.get(actor);
    if (known !== undefined) return known;
    if (names.size >= bounds.clients) names.clear();
    const made = causeId('actor', actor);
    names.set(actor, made);
    return made;
  }

  function touch(event: UsageEvent, hash: number): void {
    add(touched, event);
    if (writes.has(event.method) && succeeded(event)) wrote++;
    if (paths.size < bounds.paths) paths.add(`${event.method} ${event.path}`);
    const name = `${event.method} ${event.route}`;
    const route = bounded(routes, name, bounds.routes, () => ({ route: name, alone: true, ...noTraffic() }));
    if (route === undefined) beyond.routes++;
    else {
      add(route, event);
      routeHashes.set(name, hash);
    }
    const start = Math.floor(event.ts / HOUR) * HOUR;
    const hour = bounded(hours, start, bounds.hours, () => ({ start, requests: 0, denied: 0 }));
    if (hour === undefined) beyond.hours++;
    else {
      hour.requests++;
      if (denied(event)) hour.denied++;
    }
  }

  function ofKey(event: UsageEvent, actor: string, seen: ReturnType<typeof observe>): void {
    const suspect = suspects.has(actor);
    add(whole, event);
    // A suspect always has a place, however many others there are.
    const most = suspect ? bounds.clients + suspects.size : bounds.clients;
    const client = bounded(clients, actor, most, () => ({
      actor,
      suspect,
      network: seen.network.nearName,
      client: seen.client.name,
      countries: new Set(),
      after: 0,
      successor: { requests: 0, first: 0, last: 0 },
      ...noTraffic(),
    }));
    if (client === undefined) beyond.clients++;
    else {
      add(client, event);
      if (event.country !== '' && client.countries.size < 16) client.countries.add(event.country);
      if (since !== undefined && event.ts >= since) client.after++;
    }
    if (suspect) touch(event, seen.route);
    else if (othersRoutes.size < bounds.otherRoutes) othersRoutes.add(seen.route);
  }

  return {
    see(event: UsageEvent): void {
      from = Math.min(from, event.ts);
      until = Math.max(until, event.ts);
      const seen = observe(event, event.ts, 0, 0);
      const actor = nameOf(seen.actor);
      if (key.has(event.key)) {
        ofKey(event, actor, seen);
        return;
      }
      if (successors.has(event.key)) {
        const move = bounded(moves, actor, bounds.clients, () => ({ requests: 0, first: event.ts, last: event.ts }));
        if (move !== undefined) {
          move.requests++;
          move.first = Math.min(move.first, event.ts);
          move.last = Math.max(move.last, event.ts);
        }
      }
      if (!suspects.has(actor)) return;
      const other = bounded(otherKeys, event.key, bounds.keys, () => ({ keyName: event.keyName, ...noTraffic() }));
      if (other === undefined) beyond.keys++;
      else add(other, event);
    },
    result(): Case {
      for (const route of routes.values()) route.alone = !othersRoutes.has(routeHashes.get(route.route)!);
      for (const client of clients.values()) Object.assign(client.successor, moves.get(client.actor));
      const byRequests = (a: Traffic, b: Traffic) => b.requests - a.requests;
      return {
        clients: [...clients.values()].sort((a, b) => Number(b.suspect) - Number(a.suspect) || byRequests(a, b)),
        routes: [...routes.values()].sort(byRequests),
        touched: { ...touched, paths: paths.size, writes: wrote },
        hours: [...hours.values()].sort((a, b) => a.start - b.start),
        otherKeys,
        key: whole,
        from,
        until,
        beyond,
      };
    },
  };
}

function bounded<K, V>(map: Map<K, V>, key: K, most: number, make: () => V): V | undefined {
  const known = map.get(key);
  if (known !== undefined || map.size >= most) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const noTraffic = (): Traffic => ({ requests: 0, succeeded: 0, denied: 0, bytes: 0, first: 0, last: 0 });
const denied = ({ status }: UsageEvent): boolean => status === 401 || status === 403;
const succeeded = ({ status }: UsageEvent): boolean => status > 0 && status < 400;

function add(to: Traffic, event: UsageEvent): void {
  to.first = to.requests === 0 ? event.ts : Math.min(to.first, event.ts);
  to.last = Math.max(to.last, event.ts);
  to.requests++;
  if (succeeded(event)) to.succeeded++;
  if (denied(event)) to.denied++;
  to.bytes += event.bytes ?? 0;
}
