import { type Family, userAgent } from './agents';
import type { Actor, KeyPlan } from './fleet';
import { type Block, blocks, blocksOf, type Range, subnet } from './networks';
import { type Random, random } from './random';
import type { ShapeName } from './shapes';
import { buildAt, type World } from './world';

/** What a thief does with a key. `replay` repeats a few of the owner's requests; `walk` counts through ids. */
export type Conduct = 'use' | 'walk' | 'haul' | 'replay';

/** One stolen key and what is done with it. Times in milliseconds UTC. */
export interface TheftPlan {
  readonly id: string;
  readonly kind: TheftKind;
  readonly victim: KeyPlan;
  readonly block: Block;
  readonly range: Range;
  readonly firstHost: number;
  readonly userAgent: string;
  readonly conduct: Conduct;
  readonly from: number;
  readonly until: number;
  readonly requests: number;
  /** One request a day instead of so many spread over the span. */
  readonly daily: boolean;
}

interface Lair {
  readonly block: Block;
  readonly range: Range;
  /** The thief's machine stands at this number in the range, so that it is none of the owner's. */
  readonly firstHost: number;
}

/** A kind of theft. Adding one is adding a row to `kinds`. */
interface Kind {
  readonly suits: readonly ShapeName[];
  readonly requests: readonly [number, number];
  readonly hours: readonly [number, number];
  readonly conduct: Conduct;
  /** Where the thief sits; undefined when this victim offers no such place. */
  readonly lair: (victim: KeyPlan, rng: Random, at: number) => Lair | undefined;
  readonly agent: 'own' | 'copied';
  readonly daily?: boolean;
  /** How many keys the same thief uses. */
  readonly keys?: number;
}

const place = (candidates: readonly Block[], rng: Random): Lair | undefined => {
  if (candidates.length === 0) return undefined;
  const block = rng.pick(candidates);
  return { block, range: subnet(block, rng.int(65_536)), firstHost: 100_000 };
};

/** The actor who makes most of the key's requests at a time. */
const mainActor = (victim: KeyPlan, at: number): Actor =>
  victim.actors.filter((a) => a.from <= at && at < a.until).reduce((most, a) => (a.weight > most.weight ? a : most));

const countriesOf = (victim: KeyPlan) => new Set(victim.actors.map((a) => a.block.country));
const ownersOf = (victim: KeyPlan) => new Set(victim.actors.map((a) => a.block.owner));

const abroad =
  (...kinds: readonly Block['kind'][]) =>
  (victim: KeyPlan, rng: Random) => {
    const countries = countriesOf(victim);
    return place(
      blocks.filter((b) => kinds.includes(b.kind) && !countries.has(b.country)),
      rng,
    );
  };

const sameCountry = (victim: KeyPlan, rng: Random, at: number) => {
  const owners = ownersOf(victim);
  const { country } = mainActor(victim, at).block;
  return place(
    blocksOf({ country }).filter((b) => !owners.has(b.owner) && b.kind !== 'mobile'),
    rng,
  );
};

const sameCloud = (victim: KeyPlan, rng: Random, at: number) => {
  const { block } = mainActor(victim, at);
  return block.kind === 'cloud' ? place(blocksOf({ owner: block.owner, country: block.country }), rng) : undefined;
};

const inside = (victim: KeyPlan, _: Random, at: number): Lair => {
  const { block, range } = mainActor(victim, at);
  return { block, range, firstHost: 100_000 };
};

const backEnds: readonly ShapeName[] = ['server', 'web', 'batch', 'partner'];

const kinds = {
  'theft-abroad': {
    suits: backEnds,
    requests: [60, 240],
    hours: [1, 4],
    conduct: 'use',
    lair: abroad('home'),
    agent: 'own',
  },
  'theft-same-country': {
    suits: ['server', 'web', 'batch', 'human', 'partner'],
    requests: [40, 160],
    hours: [1, 4],
    conduct: 'use',
    lair: sameCountry,
    agent: 'own',
  },
  'theft-same-cloud': {
    suits: ['server', 'web', 'batch'],
    requests: [60, 200],
    hours: [1, 5],
    conduct: 'use',
    lair: sameCloud,
    agent: 'own',
  },
  'theft-insider': {
    suits: ['server', 'web', 'batch', 'human', 'partner'],
    requests: [60, 200],
    hours: [1, 3],
    conduct: 'haul',
    lair: inside,
    agent: 'own',
  },
  'theft-low-and-slow': {
    suits: ['server', 'web', 'mobile', 'partner'],
    requests: [40, 80],
    hours: [24, 60],
    conduct: 'use',
    lair: abroad('hosting', 'vpn'),
    agent: 'own',
  },
  'theft-scraping': {
    suits: ['server', 'web', 'mobile', 'ci', 'partner'],
    requests: [700, 1_600],
    hours: [1, 4],
    conduct: 'walk',
    lair: abroad('hosting', 'cloud'),
    agent: 'own',
  },
  'theft-exfiltration': {
    suits: ['web', 'batch', 'human', 'partner'],
    requests: [20, 60],
    hours: [1, 3],
    conduct: 'haul',
    lair: abroad('hosting', 'home'),
    agent: 'copied',
  },
  'theft-replay': {
    suits: ['server', 'web', 'batch'],
    requests: [60, 240],
    hours: [1, 4],
    conduct: 'replay',
    lair: abroad('hosting', 'home', 'cloud'),
    agent: 'copied',
  },
  'theft-daily': {
    suits: backEnds,
    requests: [1, 1],
    hours: [24, 24],
    conduct: 'use',
    lair: abroad('home', 'vpn'),
    agent: 'own',
    daily: true,
  },
  'theft-many-keys': {
    suits: ['server', 'web', 'batch', 'partner', 'mobile'],
    requests: [25, 70],
    hours: [1, 3],
    conduct: 'use',
    lair: abroad('hosting'),
    agent: 'own',
    keys: 3,
  },
} as const satisfies Record<string, Kind>;

export type TheftKind = keyof typeof kinds;
export const theftKinds = Object.keys(kinds) as TheftKind[];

const HOUR = 3_600_000;
const DAY = 86_400_000;
const tools: readonly Family[] = ['curl', 'python-requests', 'python-httpx', 'go', 'wget', 'axios'];

function agentOf(kind: Kind, victim: KeyPlan, world: World, at: number, rng: Random): string {
  const { family } = mainActor(victim, at);
  if (kind.agent === 'copied') return userAgent(family, buildAt(world, family, victim.key, at) + victim.lag);
  const used = new Set<Family>(victim.actors.map((a) => a.family));
  const own = tools.filter((t) => !used.has(t));
  return userAgent(rng.pick(own), rng.int(3));
}

/** When the thief is at work: within [earliest, end of the world), shorter where the simulation is short. */
function spanOf(kind: Kind, earliest: number, world: World, rng: Random): { from: number; until: number } {
  const room = world.end - earliest;
  if (kind.daily === true) {
    const from = earliest + Math.min(room / 4, DAY) * rng.next();
    return { from: Math.floor(from), until: world.end };
  }
  const length = Math.min(rng.between(kind.hours[0], kind.hours[1]) * HOUR, room * 0.8);
  const from = earliest + (room - length) * rng.next();
  return { from: Math.floor(from), until: Math.floor(from + length) };
}

/**
 * Plans the thefts. `wanted` is a number of incidents (kinds take turns) or their kinds in order; every key is stolen at
 * most once. `earliest` is the first moment of any theft. Throws a RangeError when the fleet has too few keys.
 */
export function planThefts(
  world: World,
  fleet: readonly KeyPlan[],
  wanted: number | readonly TheftKind[],
  earliest: number,
): readonly TheftPlan[] {
  const rng = random(`${world.seed}/thefts`);
  const order =
    typeof wanted === 'number' ? Array.from({ length: wanted }, (_, i) => theftKinds[i % theftKinds.length]!) : wanted;
  const free = fleet.filter((p) => p.from === world.start && p.until === world.end);
  const plans: TheftPlan[] = [];
  for (const name of order) {
    const kind: Kind = kinds[name];
    const span = spanOf(kind, earliest, world, rng);
    let shared: { lair: Lair; userAgent: string } | undefined;
    for (let n = 0; n < (kind.keys ?? 1); n++) {
      const found = takeVictim(free, kind, shared?.lair, span.from, rng);
      if (found === undefined) {
        if (n > 0) break;
        throw new RangeError(`too few keys for ${order.length} thefts: none is left for a ${name}`);
      }
      const { victim, lair } = found;
      shared ??= { lair, userAgent: agentOf(kind, victim, world, span.from, rng) };
      const [least, most] = kind.requests;
      plans.push({
        id: `theft-${plans.length + 1}`,
        kind: name,
        victim,
        ...shared.lair,
        userAgent: shared.userAgent,
        conduct: kind.conduct,
        ...span,
        requests:
          kind.daily === true
            ? Math.max(1, Math.ceil((span.until - span.from) / DAY))
            : least + rng.int(most - least + 1),
        daily: kind.daily === true,
      });
    }
  }
  return plans;
}

/** Takes a key out of `free`: one of a fitting shape, else any that offers the kind's place. */
function takeVictim(free: KeyPlan[], kind: Kind, shared: Lair | undefined, at: number, rng: Random) {
  const start = rng.int(Math.max(1, free.length));
  const turned = free.map((_, i) => free[(start + i) % free.length]!);
  const fits = (p: KeyPlan) => kind.suits.includes(p.shape);
  for (const victim of [...turned.filter(fits), ...turned.filter((p) => !fits(p))]) {
    const lair = shared ?? kind.lair(victim, rng, at);
    if (lair === undefined || (shared !== undefined && countriesOf(victim).has(shared.block.country))) continue;
    free.splice(free.indexOf(victim), 1);
    return { victim, lair };
  }
  return undefined;
}
