import type { UsageEvent } from '../domain/event';
import { uniform } from './bootstrap';
import { DAY, defaultEvaluation, type TheftLabel } from './types';

/**
 * Thefts made of a log's own traffic: the first requests of one key's client are moved to another key. Two passes over
 * the log, the first (`createSurvey`) to choose, the second (`createGrafter`) to move. The same log and seed give the
 * same thefts. A client is an address that uses one key only.
 */

/** Shortest and longest theft, milliseconds. */
const SHORTEST = 15 * 60_000;
const LONGEST = DAY;
/** A theft of fewer requests is none that anyone would have to find. */
const LEAST_REQUESTS = 5;
/** The requests of a theft are held in memory until their new time. */
const MOST_REQUESTS = 10_000;
/** Requests that a key must have to be stolen: without a past of its own nothing can be new. */
const LEAST_PAST = 50;
/** A client first seen in this share of the time may have been there before the log begins. */
const CENSORED = 0.1;
/** Most addresses, and most keys, of a log: a bound on memory. */
const MAX_CLIENTS = 2_000_000;

interface Client {
  /** '' once a second key was seen with the address. */
  key: string;
  readonly ip: string;
  readonly country: string;
  readonly first: number;
  /** How long the segment may last, milliseconds. */
  readonly length: number;
  last: number;
  requests: number;
}

interface KeyFacts {
  readonly key: string;
  readonly event: UsageEvent;
  readonly countries: Map<string, number>;
  requests: number;
  last: number;
}

export interface Survey {
  /** Requests in log order, with country. Throws RangeError beyond two million addresses or keys. */
  see(event: UsageEvent): void;
  /** Chooses up to `count` thefts; fewer where the log has not enough clients or keys. */
  plan(count: number): readonly Graft[];
}

/** The requests of `ip` on `from` in [first, last] are to appear on the key `onto`, `shift` milliseconds later. */
export interface Graft {
  readonly from: string;
  readonly ip: string;
  readonly first: number;
  readonly last: number;
  /** Whole days, so that hours of day stay as they are. */
  readonly shift: number;
  /** A request of the stolen key: whose name and tenant the moved ones take. */
  readonly onto: Pick<UsageEvent, 'key' | 'keyKind' | 'keyName' | 'tenant'>;
  readonly label: TheftLabel;
}

export function createSurvey(seed: number): Survey {
  const lengths = uniform(seed);
  const clients = new Map<string, Client>();
  const keys = new Map<string, KeyFacts>();
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  return {
    see(event) {
      const { ts, key, ip, country } = event;
      if (ts < start) start = ts;
      if (ts > end) end = ts;
      seeKey(keys, event);
      if (ip === '') return;
      const client = clients.get(ip);
      if (client === undefined) {
        if (clients.size >= MAX_CLIENTS) throw new RangeError('more than two million addresses');
        const length = SHORTEST * (LONGEST / SHORTEST) ** lengths();
        clients.set(ip, { key, ip, country, first: ts, length, last: ts, requests: 1 });
      } else if (client.key !== key) client.key = '';
      else if (ts <= client.first + client.length) {
        client.requests++;
        if (ts > client.last) client.last = ts;
      }
    },
    plan: (count) => choose([...clients.values()], [...keys.values()], { start, end }, count, seed),
  };
}

function seeKey(keys: Map<string, KeyFacts>, event: UsageEvent): void {
  let facts = keys.get(event.key);
  if (facts === undefined) {
    if (keys.size >= MAX_CLIENTS) throw new RangeError('more than two million keys');
    facts = { key: event.key, event, countries: new Map(), requests: 0, last: event.ts };
    keys.set(event.key, facts);
  }
  facts.requests++;
  if (event.ts > facts.last) facts.last = event.ts;
  if (event.country !== '') facts.countries.set(event.country, (facts.countries.get(event.country) ?? 0) + 1);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function choose(
  clients: readonly Client[],
  keys: readonly KeyFacts[],
  { start, end }: Span,
  count: number,
  seed: number,
): readonly Graft[] {
  const random = uniform(seed ^ 0x5bf03635);
  const judged = start + (end - start) * defaultEvaluation.warmup;
  const donors = clients.filter(
    (c) =>
      c.key !== '' &&
      c.requests >= LEAST_REQUESTS &&
      c.requests <= MOST_REQUESTS &&
      c.first >= start + (end - start) * CENSORED,
  );
  const victims = keys.filter(
    (k) => k.requests >= LEAST_PAST && k.event.ts <= start + (judged - start) / 2 && k.last >= judged,
  );
  shuffle(donors, random);
  shuffle(victims, random);
  const grafts: Graft[] = [];
  for (const victim of victims) {
    if (grafts.length >= count) break;
    // Kinds take turns where the log has both.
    const wanted = grafts.length % 2 === 0 ? 'injected-far' : 'injected-near';
    const fits = (c: Client) => c.key !== victim.key && shiftsOf(c, judged, end) !== undefined;
    let at = donors.findIndex((c) => fits(c) && kindOf(c, victim) === wanted);
    if (at < 0) at = donors.findIndex(fits);
    if (at < 0) continue;
    grafts.push(graftOf(donors.splice(at, 1)[0]!, victim, judged, end, random));
  }
  return grafts.sort((a, b) => a.label.start - b.label.start);
}

function shuffle<T>(list: T[], random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
}

/** Fewest and most whole days by which the segment moves into the judged time; undefined where it does not fit. */
function shiftsOf({ first, last }: Client, judged: number, end: number): readonly [number, number] | undefined {
  const least = Math.max(0, Math.ceil((judged - first) / DAY));
  const most = Math.floor((end - last) / DAY);
  return most >= least ? [least, most] : undefined;
}

function kindOf(client: Client, victim: KeyFacts): string {
  let main = '';
  for (const [country, n] of victim.countries) if (n > (victim.countries.get(main) ?? 0)) main = country;
  if (client.country === '' || main === '') return 'injected-unplaced';
  return client.country === main ? 'injected-near' : 'injected-far';
}

function graftOf(client: Client, victim: KeyFacts, judged: number, end: number, random: () => number): Graft {
  const [least, most] = shiftsOf(client, judged, end)!;
  const shift = (least + Math.floor(random() * (most - least + 1))) * DAY;
  const { key, keyKind, keyName, tenant } = victim.event;
  const { ip, first, last } = client;
  const label = { key, start: first + shift, windowEnd: last + shift, kind: kindOf(client, victim) };
  return { from: client.key, ip, first, last, shift, onto: { key, keyKind, keyName, tenant }, label };
}

export interface Grafter {
  /** One request of the log in; the requests of the changed log that are due, in order. */
  take(event: UsageEvent): readonly UsageEvent[];
  /** What is still held at the end of the log. */
  rest(): readonly UsageEvent[];
  /** The thief's requests so far. */
  readonly attack: readonly { readonly key: string; readonly ts: number }[];
}

/**
 * Moves the chosen segments. What a moved client does later on its own key is left out: it would show the thief's
 * address on two keys. Holds the segments' requests between their old and their new time.
 */
export function createGrafter(grafts: readonly Graft[]): Grafter {
  const byAddress = new Map(grafts.map((graft) => [graft.ip, graft]));
  const attack: { key: string; ts: number }[] = [];
  const held: UsageEvent[] = [];
  const due = (until: number): UsageEvent[] => {
    let n = 0;
    while (n < held.length && held[n]!.ts <= until) n++;
    const events = held.splice(0, n);
    for (const { key, ts } of events) attack.push({ key, ts });
    return events;
  };
  return {
    attack,
    take(event) {
      const graft = byAddress.get(event.ip);
      if (graft === undefined) return held.length === 0 || held[0]!.ts > event.ts ? [event] : [...due(event.ts), event];
      if (event.ts >= graft.first && event.ts <= graft.last) {
        const moved = { ...event, ...graft.onto, ts: event.ts + graft.shift };
        let at = held.length;
        while (at > 0 && held[at - 1]!.ts > moved.ts) at--;
        held.splice(at, 0, moved);
      }
      return due(event.ts);
    },
    rest: () => due(Number.POSITIVE_INFINITY),
  };
}
