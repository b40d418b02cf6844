import { userAgent } from './agents';
import { type KeyFacts, type LogFacts, most, networkOf } from './into-survey';
import { type Kind, kinds, type LairName, type TheftKind, theftKinds } from './kinds';
import { blocksAbroad, place } from './lairs';
import { addressOf, blocksOf, rangeOf } from './networks';
import { type Random, random } from './random';
import { requestsOf, type Schedule, spanOf, tools } from './thefts';

/** One stolen key of a log and what is done with it. */
export interface LogTheft extends Schedule {
  readonly id: string;
  readonly kind: TheftKind;
  readonly victim: KeyFacts;
  readonly ip: string;
  readonly country: string;
  readonly userAgent: string;
}

interface LogLair {
  readonly ip: string;
  readonly country: string;
}

/** Requests that a key must have to be stolen: without a past of its own nothing can be new. */
const LEAST_PAST = 50;
/** Addresses from which on a key is used from a crowd of phones or runners: there a stranger leaves no trace. */
const CROWD = 100;

/**
 * Where a thief sits, in the log's own networks where his kind asks for that. `cloud` is another /24 of the owner's /16
 * (a log does not say who owns a network), so those two need a key that is used over IPv4.
 */
const findLair: Readonly<Record<LairName, (victim: KeyFacts, kind: Kind, rng: Random) => LogLair | undefined>> = {
  abroad: (victim, kind, rng) => lairOf(place(blocksAbroad(kind, new Set(victim.countries.keys())), rng)),
  country: (victim, _, rng) => {
    const wide = new Set([...victim.networks.keys()].map((network) => networkOf(network)));
    const near = blocksOf({ country: most(victim.countries) });
    return lairOf(
      place(
        near.filter((b) => b.kind !== 'mobile' && !wide.has(networkOf(networkOf(b.cidr)))),
        rng,
      ),
    );
  },
  cloud: (victim, _, rng) => {
    const wide = networkOf(most(victim.networks));
    return wide === '' ? undefined : strange(victim, `${wide}.${rng.int(256)}`, true, rng);
  },
  inside: (victim, _, rng) => {
    const network = most(victim.networks);
    return network === '' ? undefined : strange(victim, network, false, rng);
  },
  own: (victim) => {
    const ip = most(victim.addresses);
    return ip === '' ? undefined : { ip, country: most(victim.countries) };
  },
};

function lairOf(lair: ReturnType<typeof place>): LogLair | undefined {
  return lair && { ip: addressOf(lair.range, lair.firstHost), country: lair.block.country };
}

/** An address of the network (/24) that the key was never used from; of a network that it never was, if so asked. */
function strange(victim: KeyFacts, network: string, newNetwork: boolean, rng: Random): LogLair | undefined {
  if (newNetwork && victim.networks.has(network)) return undefined;
  const ip = addressOf(rangeOf(`${network}.0/24`), rng.int(1_000));
  return victim.addresses.has(ip) ? undefined : { ip, country: most(victim.countries) };
}

/** Whether the key is used as a kind's victims are, as far as a log tells. */
function suits(victim: KeyFacts, name: TheftKind, log: LogFacts): boolean {
  const kind: Kind = kinds[name];
  if (kind.conduct === 'mine') return log.sample.some((r) => r.method === 'POST');
  if (kind.conduct === 'haul') return log.largest.length > 0;
  if (kind.lair !== 'own') return true;
  const crowd = victim.addresses.size >= CROWD;
  return crowd
    ? kind.suits.includes('mobile') || kind.suits.includes('ci')
    : !kind.suits.includes('mobile') && !kind.suits.includes('ci');
}

function agentOf(kind: Kind, victim: KeyFacts, rng: Random): string {
  if (kind.agent === 'copied') return most(victim.agents);
  const known = [...victim.agents.keys()];
  const own = tools.filter((tool) => !known.some((agent) => agent.toLowerCase().startsWith(tool)));
  return userAgent(rng.pick(own.length > 0 ? own : tools), rng.int(3));
}

/** The theft's day, at the key's busiest hour of it. */
function inBusiestHour(span: { from: number; until: number }, victim: KeyFacts, earliest: number, end: number) {
  const busiest = victim.hours.indexOf(Math.max(...victim.hours));
  const from = Math.floor(span.from / 86_400_000) * 86_400_000 + busiest * 3_600_000;
  const until = from + span.until - span.from;
  return from >= earliest && until < end ? { from, until } : span;
}

/**
 * Plans up to `count` incidents on the keys of a log, kinds by turns; those that no key suits are left out, and fewer are
 * planned where the keys run out. Every key is stolen at most once; stolen are keys with 50 requests, of which the first
 * lies in the first half of the quiet time and the last behind it. `quietShare` of the time passes before any theft.
 */
export function planLogThefts(log: LogFacts, count: number, seed: number, quietShare: number): readonly LogTheft[] {
  const rng = random(`${seed}/into`);
  const { start, end } = log;
  const earliest = Math.floor(start + (end - start) * quietShare);
  const free = [...log.keys.values()].filter(
    (k) =>
      k.requests >= LEAST_PAST &&
      k.first <= start + (earliest - start) / 2 &&
      k.last >= earliest &&
      k.sample.length > 0,
  );
  const perHour = (victim: KeyFacts) => (Math.max(...victim.hours) * 86_400_000) / Math.max(86_400_000, end - start);
  const thefts: LogTheft[] = [];
  let open = [...theftKinds];
  for (let made = 0, turn = 0; made < count && open.length > 0; turn++) {
    const name = theftKinds[turn % theftKinds.length]!;
    if (!open.includes(name)) continue;
    const kind: Kind = kinds[name];
    const keys = kind.keys === undefined ? 1 : Math.min(kind.keys, Math.max(3, Math.floor(log.keys.size / 20)));
    const usual = spanOf(kind, earliest, end, rng);
    let shared: (LogLair & { userAgent: string }) | undefined;
    for (let n = 0; n < keys; n++) {
      const found = takeVictim(free, name, log, shared, rng);
      if (found === undefined) break;
      const { victim, lair } = found;
      shared ??= { ...lair, userAgent: agentOf(kind, victim, rng) };
      const span = kind.conduct === 'mimic' ? inBusiestHour(usual, victim, earliest, end) : usual;
      const requests = requestsOf(kind, span, perHour(victim), rng);
      const id = `theft-${thefts.length + 1}`;
      thefts.push({ id, kind: name, victim, ...shared, ...span, requests, daily: kind.daily === true });
    }
    if (shared === undefined) open = open.filter((other) => other !== name);
    else made++;
  }
  return thefts;
}

function takeVictim(free: KeyFacts[], name: TheftKind, log: LogFacts, shared: LogLair | undefined, rng: Random) {
  const start = rng.int(Math.max(1, free.length));
  for (let i = 0; i < free.length; i++) {
    const at = (start + i) % free.length;
    const victim = free[at]!;
    if (!suits(victim, name, log)) continue;
    const lair = shared ?? findLair[kinds[name].lair](victim, kinds[name], rng);
    if (lair === undefined || (shared !== undefined && victim.countries.has(shared.country))) continue;
    free.splice(at, 1);
    return { victim, lair };
  }
  return undefined;
}
