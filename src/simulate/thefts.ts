import { type Family, userAgent } from './agents';
import type { KeyPlan } from './fleet';
import { type Conduct, type Kind, kinds, type TheftKind, theftKinds } from './kinds';
import { countriesOf, findLair, type Lair, mainActor } from './lairs';
import type { Block, Range } from './networks';
import { type Random, random } from './random';
import { load } from './rhythm';
import { buildAt, type World } from './world';

/** When a thief makes how many requests. Times in milliseconds UTC. */
export interface Schedule {
  readonly from: number;
  readonly until: number;
  readonly requests: number;
  /** One request a day instead of so many spread over the span. */
  readonly daily: boolean;
}

/** One stolen key and what is done with it. */
export interface TheftPlan extends Schedule {
  readonly id: string;
  readonly kind: TheftKind;
  readonly victim: KeyPlan;
  readonly block: Block;
  readonly range: Range;
  readonly firstHost: number;
  readonly userAgent: string;
  readonly conduct: Conduct;
}

const HOUR = 3_600_000;
const DAY = 86_400_000;
export const tools: readonly Family[] = ['curl', 'python-requests', 'python-httpx', 'go', 'wget', 'axios'];
/** Of the owner's own requests, what a thief adds who does not want to be noticed. */
const MIMIC_SHARE = 0.1;

interface Span {
  readonly from: number;
  readonly until: number;
}

function agentOf(kind: Kind, victim: KeyPlan, world: World, at: number, rng: Random): string {
  const { family } = mainActor(victim, at);
  if (kind.agent === 'copied') return userAgent(family, buildAt(world, family, victim.key, at) + victim.lag);
  const used = new Set<Family>(victim.actors.map((a) => a.family));
  const own = tools.filter((t) => !used.has(t));
  return userAgent(rng.pick(own), rng.int(3));
}

/** When a thief is at work: within [earliest, end), shorter where there is little room. */
export function spanOf(kind: Kind, earliest: number, end: number, rng: Random): Span {
  const room = end - earliest;
  if (kind.daily === true) {
    const from = earliest + Math.min(room / 4, DAY) * rng.next();
    return { from: Math.floor(from), until: end };
  }
  const length = Math.min(rng.between(kind.hours[0], kind.hours[1]) * HOUR, room * 0.8);
  const from = earliest + (room - length) * rng.next();
  return { from: Math.floor(from), until: Math.floor(from + length) };
}

/** The same span, moved by less than a day to the owner's busiest hour. */
function inBusiestHour({ from, until }: Span, victim: KeyPlan, earliest: number, end: number): Span {
  let best = from;
  for (let hour = 1; hour < 24; hour++) {
    const at = from + hour * HOUR + until - from < end ? from + hour * HOUR : from - (24 - hour) * HOUR;
    if (at < earliest) continue;
    if (load(victim.rhythm, at, victim.offset) > load(victim.rhythm, best, victim.offset)) best = at;
  }
  return { from: best, until: best + until - from };
}

export function requestsOf(kind: Kind, { from, until }: Span, ownerPerHour: number, rng: Random): number {
  if (kind.daily === true) return Math.max(1, Math.ceil((until - from) / DAY));
  const [least, most] = kind.requests;
  const usual = least + rng.int(most - least + 1);
  if (kind.conduct !== 'mimic') return usual;
  return Math.max(1, Math.min(usual, Math.round(MIMIC_SHARE * ownerPerHour * ((until - from) / HOUR))));
}

/** How many keys one thief of a kind uses in a fleet of so many. */
const keysOf = (kind: Kind, fleet: number): number =>
  Math.min(kind.keys ?? 1, Math.max(kind.keys === undefined ? 1 : 3, Math.floor(fleet / 20)));

/**
 * Plans the thefts. `wanted` is a number of incidents (kinds take turns, without those that no key is left for) or their
 * kinds in order; every key is stolen at most once. `earliest` is the first moment of any theft. Throws a RangeError when
 * the fleet has too few keys.
 */
export function planThefts(
  world: World,
  fleet: readonly KeyPlan[],
  wanted: number | readonly TheftKind[],
  earliest: number,
): readonly TheftPlan[] {
  const rng = random(`${world.seed}/thefts`);
  const free = fleet.filter((p) => p.from === world.start && p.until === world.end);
  const plans: TheftPlan[] = [];
  const steal = (name: TheftKind): boolean => {
    const found = incidentOf(world, free, name, keysOf(kinds[name], fleet.length), earliest, rng);
    for (const plan of found) plans.push({ id: `theft-${plans.length + 1}`, ...plan });
    return found.length > 0;
  };
  const few = (asked: number, name: string) =>
    new RangeError(`too few keys for ${asked} thefts: none is left for a ${name}`);
  if (typeof wanted !== 'number') {
    for (const name of wanted) if (!steal(name)) throw few(wanted.length, name);
    return plans;
  }
  let left = [...theftKinds];
  for (let made = 0, turn = 0; made < wanted; turn++) {
    if (left.length === 0) throw few(wanted, 'theft of any kind');
    const name = theftKinds[turn % theftKinds.length]!;
    if (!left.includes(name)) continue;
    if (steal(name)) made++;
    else left = left.filter((other) => other !== name);
  }
  return plans;
}

/** One thief and the keys that he uses; none when no key suits. */
function incidentOf(
  world: World,
  free: KeyPlan[],
  name: TheftKind,
  keys: number,
  earliest: number,
  rng: Random,
): Omit<TheftPlan, 'id'>[] {
  const kind: Kind = kinds[name];
  const usual = spanOf(kind, earliest, world.end, rng);
  const plans: Omit<TheftPlan, 'id'>[] = [];
  let shared: { lair: Lair; userAgent: string } | undefined;
  while (plans.length < keys) {
    const found = takeVictim(free, kind, shared?.lair, usual.from, rng);
    if (found === undefined) break;
    const { victim, lair } = found;
    const span = kind.conduct === 'mimic' ? inBusiestHour(usual, victim, earliest, world.end) : usual;
    shared ??= { lair, userAgent: agentOf(kind, victim, world, span.from, rng) };
    const perHour = (victim.ratePerDay / 24) * load(victim.rhythm, span.from, victim.offset);
    const requests = requestsOf(kind, span, perHour, rng);
    plans.push({
      kind: name,
      victim,
      ...shared.lair,
      userAgent: shared.userAgent,
      conduct: kind.conduct,
      ...span,
      requests,
      daily: kind.daily === true,
    });
  }
  return plans;
}

/** Takes a key out of `free`: one of a fitting shape; for a theft that leaves a trace, else any that offers its place. */
function takeVictim(free: KeyPlan[], kind: Kind, shared: Lair | undefined, at: number, rng: Random) {
  const start = rng.int(Math.max(1, free.length));
  const turned = free.map((_, i) => free[(start + i) % free.length]!);
  const fits = (p: KeyPlan) => kind.suits.includes(p.shape);
  const others = kind.trace.length > 0 ? turned.filter((p) => !fits(p)) : [];
  for (const victim of [...turned.filter(fits), ...others]) {
    if (kind.api !== undefined && kind.api !== victim.api) continue;
    const lair = shared ?? findLair[kind.lair](victim, kind, at, rng);
    if (lair === undefined || (shared !== undefined && countriesOf(victim).has(shared.block.country))) continue;
    free.splice(free.indexOf(victim), 1);
    return { victim, lair };
  }
  return undefined;
}
