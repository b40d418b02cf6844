import type { BlockList } from 'node:net';
import { insideNetworks, type Limits, limitsOf, routeAllowed } from '../detect/limits/declared';
import { createWeekClock, within } from '../detect/limits/hours';
import type { UsageEvent } from '../domain/event';
import type { KeyFacts } from '../domain/inventory';

/** Declared limits by name, as the reports count use outside them. */
export const limitNames = ['network', 'country', 'route', 'hours', 'expiry'] as const;
export type LimitName = (typeof limitNames)[number];

/** One entry of a declared list, and whether a request needs it. */
interface Entry {
  readonly text: string;
  readonly used: (event: UsageEvent) => boolean;
}

/** What is declared of one key, held against its requests. */
export interface Scope {
  /** The limits that this request breaks; what the log does not say breaks none. `ts` in milliseconds. */
  broken(event: UsageEvent, ts: number): readonly LimitName[];
  /** Notes the entries that the request uses. */
  use(event: UsageEvent): void;
  /** Declared and used by no request so far. An address that is kept as a hash uses no network: none is named then. */
  unused(): {
    readonly networks: readonly string[];
    readonly countries: readonly string[];
    readonly routes: readonly string[];
  };
}

const clock = createWeekClock();

/** Never throws: the inventory was checked when it was read. */
export function scopeOf(facts: KeyFacts): Scope {
  const limits = limitsOf(facts);
  const left = {
    networks: facts.cidrs.map((text) => entryOfNetwork(text, facts)),
    countries: facts.countries.map((text): Entry => ({ text, used: ({ country }) => country === text })),
    routes: facts.routes.map((text) => entryOfRoute(text, facts)),
  };
  let withAddress = false;
  return {
    broken: (event, ts) => brokenBy(limits, event, ts),
    use(event) {
      withAddress ||= event.ip !== '' && event.address === undefined;
      for (const name of ['networks', 'countries', 'routes'] as const) {
        if (left[name].some(({ used }) => used(event))) left[name] = left[name].filter(({ used }) => !used(event));
      }
    },
    unused: () => ({
      networks: withAddress ? left.networks.map(({ text }) => text) : [],
      countries: left.countries.map(({ text }) => text),
      routes: left.routes.map(({ text }) => text),
    }),
  };
}

function entryOfNetwork(text: string, facts: KeyFacts): Entry {
  const { networks } = limitsOf({ ...facts, cidrs: [text], routes: [] });
  return {
    text,
    used: (event) => event.address === undefined && event.ip !== '' && insideNetworks(networks!, event.ip),
  };
}

function entryOfRoute(text: string, facts: KeyFacts): Entry {
  const { routes } = limitsOf({ ...facts, cidrs: [], routes: [text] });
  return { text, used: ({ method, route, path }) => routeAllowed(routes!, method, route, path) };
}

function brokenBy(limits: Limits, event: UsageEvent, ts: number): readonly LimitName[] {
  const { facts, networks, countries, routes } = limits;
  const found: LimitName[] = [];
  if (networks !== undefined && outside(networks, event)) found.push('network');
  if (countries !== undefined && event.country !== '' && !countries.has(event.country)) found.push('country');
  if (routes !== undefined && !routeAllowed(routes, event.method, event.route, event.path)) found.push('route');
  if (facts.hours !== undefined && !within(facts.hours, clock(facts.hours.zone, Math.floor(ts / 1000)))) {
    found.push('hours');
  }
  if (facts.expires !== undefined && ts >= facts.expires) found.push('expiry');
  return found;
}

function outside(networks: BlockList, { ip, address }: UsageEvent): boolean {
  return address === undefined ? ip !== '' && !insideNetworks(networks, ip) : address.outside;
}
