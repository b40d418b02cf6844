import { BlockList, isIP } from 'node:net';
import { globFits } from '../../domain/glob';
import type { KeyFacts } from '../../domain/inventory';

/** The limits of one key, made ready for checking. */
export interface Limits {
  readonly facts: KeyFacts;
  readonly networks: BlockList | undefined;
  readonly countries: ReadonlySet<string> | undefined;
  readonly routes: readonly RoutePattern[] | undefined;
}

interface RoutePattern {
  /** '' for any. */
  readonly method: string;
  readonly route: string;
}

/** Throws with a reason for an entry that is no network or no route; the inventory is checked with it before it is used. */
export function limitsOf(facts: KeyFacts): Limits {
  return {
    facts,
    networks: facts.cidrs.length === 0 ? undefined : networksOf(facts.cidrs),
    countries: facts.countries.length === 0 ? undefined : new Set(facts.countries),
    routes: facts.routes.length === 0 ? undefined : facts.routes.map(patternOf),
  };
}

export function hasLimits(facts: KeyFacts): boolean {
  const { cidrs, countries, routes, hours, expires } = facts;
  return cidrs.length + countries.length + routes.length > 0 || hours !== undefined || expires !== undefined;
}

function networksOf(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of cidrs) {
    const [address, length] = entry.split('/');
    const version = isIP(address);
    const bits = length === undefined ? (version === 6 ? 128 : 32) : Number(length);
    if (version === 0 || !Number.isInteger(bits) || bits < 0 || bits > (version === 6 ? 128 : 32))
      throw new Error(`${entry} is neither an address nor a CIDR`);
    list.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function patternOf(text: string): RoutePattern {
  const [first, second] = text.split(' ', 2);
  const route = second ?? first;
  if (!route.startsWith('/') && !route.startsWith('*')) throw new Error(`${text}: expected METHOD /route or /route`);
  return { method: second === undefined ? '' : first.toUpperCase(), route };
}

export function insideNetworks(networks: BlockList, ip: string): boolean {
  return networks.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4');
}

/** `..` and `.` between slashes, plain or escaped: what such a path names is for the server to say, not for a pattern. */
const DOTS = /(^|[/\\])(\.|%2e){1,2}([/\\]|%2f|%5c|$)|%2f|%5c/i;

/** A route fits by the gateway's name for it or, without detours, by the path as it was called. */
export function routeAllowed(routes: readonly RoutePattern[], method: string, route: string, path: string): boolean {
  const direct = !DOTS.test(path);
  return routes.some(
    (p) =>
      (p.method === '' || p.method === method) && (globFits(p.route, route) || (direct && globFits(p.route, path))),
  );
}
