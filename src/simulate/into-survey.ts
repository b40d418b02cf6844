import type { UsageEvent } from '../domain/event';
import type { Request } from './conduct';
import { type Random, random } from './random';

/** What is remembered of one key of a log: bounded whatever the log holds. */
export interface KeyFacts {
  /** A request of the key: whose names the thief's requests take. */
  readonly event: UsageEvent;
  readonly countries: Map<string, number>;
  /** IPv4 networks (/24) and addresses. */
  readonly networks: Map<string, number>;
  readonly addresses: Map<string, number>;
  readonly agents: Map<string, number>;
  /** Requests a UTC hour of day. */
  readonly hours: number[];
  /** A uniform sample of its requests. */
  readonly sample: Request[];
  requests: number;
  readonly first: number;
  last: number;
}

/** What a log's traffic is like, for thieves to be put into it. */
export interface LogFacts {
  readonly keys: ReadonlyMap<string, KeyFacts>;
  /** A uniform sample of all requests that went well, and the largest of them. */
  readonly sample: readonly Request[];
  readonly largest: readonly Request[];
  readonly start: number;
  readonly end: number;
}

export interface LogSurvey {
  /** Requests in log order, with country. Throws a RangeError beyond 200,000 keys. */
  see(event: UsageEvent): void;
  facts(): LogFacts;
}

const MAX_KEYS = 200_000;
/** Values of one kind remembered a key; further ones are not. */
const MAX_VALUES = 256;
const SAMPLE_OF_KEY = 24;
const SAMPLE_OF_ALL = 2_000;
const LARGEST = 5;

export function surveyLog(seed: number): LogSurvey {
  const rng = random(`${seed}/survey`);
  const keys = new Map<string, KeyFacts>();
  const sample: Request[] = [];
  let largest: Request[] = [];
  let good = 0;
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;

  const seeKey = (event: UsageEvent, request: Request) => {
    let facts = keys.get(event.key);
    if (facts === undefined) {
      if (keys.size >= MAX_KEYS) throw new RangeError('more than 200,000 keys');
      facts = newFacts(event);
      keys.set(event.key, facts);
    }
    facts.requests++;
    if (event.ts > facts.last) facts.last = event.ts;
    facts.hours[new Date(event.ts).getUTCHours()]!++;
    note(facts.countries, event.country);
    note(facts.addresses, event.ip);
    note(facts.networks, networkOf(event.ip));
    note(facts.agents, event.userAgent);
    if (isGood(event)) keep(facts.sample, request, facts.requests, SAMPLE_OF_KEY, rng);
  };

  return {
    see(event) {
      if (event.ts < start) start = event.ts;
      if (event.ts > end) end = event.ts;
      const { method, path, route, status, bytes, latencyMs } = event;
      const request: Request = { method, path, route, status, bytes, latency: latencyMs };
      seeKey(event, request);
      if (!isGood(event)) return;
      keep(sample, request, ++good, SAMPLE_OF_ALL, rng);
      if (bytes !== undefined && bytes > (largest.at(-1)?.bytes ?? 0)) largest = withLarger(largest, request);
    },
    facts: () => ({ keys, sample, largest, start, end }),
  };
}

const isGood = ({ status }: UsageEvent): boolean => status < 400;

function newFacts(event: UsageEvent): KeyFacts {
  return {
    event,
    countries: new Map(),
    networks: new Map(),
    addresses: new Map(),
    agents: new Map(),
    hours: Array<number>(24).fill(0),
    sample: [],
    requests: 0,
    first: event.ts,
    last: event.ts,
  };
}

function note(counts: Map<string, number>, value: string): void {
  const n = counts.get(value);
  if (n !== undefined) counts.set(value, n + 1);
  else if (value !== '' && counts.size < MAX_VALUES) counts.set(value, 1);
}

/** Reservoir sampling (Vitter, ACM Trans. Math. Softw. 11 (1985) 37–57, algorithm R): `n` counts this one. */
function keep<T>(reservoir: T[], value: T, n: number, size: number, rng: Random): void {
  if (reservoir.length < size) reservoir.push(value);
  else {
    const at = rng.int(n);
    if (at < size) reservoir[at] = value;
  }
}

/** One request a path, the largest first. */
function withLarger(largest: readonly Request[], request: Request): Request[] {
  const others = largest.filter((r) => r.path !== request.path || r.bytes! > request.bytes!);
  return [...others, request].toSorted((a, b) => b.bytes! - a.bytes!).slice(0, LARGEST);
}

/** `198.51.100` of an IPv4 address; '' for others. */
export function networkOf(ip: string): string {
  return ip.includes(':') ? '' : ip.slice(0, Math.max(0, ip.lastIndexOf('.')));
}

/** The value that was counted most; '' when there is none. */
export function most(counts: ReadonlyMap<string, number>): string {
  let best = '';
  for (const [value, n] of counts) if (n > (counts.get(best) ?? 0)) best = value;
  return best;
}
