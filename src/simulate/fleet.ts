import type { Family } from './agents';
import { type ApiName, apis, type Things } from './api';
import { type Block, blocksOf, type Range, subnet, utcOffset } from './networks';
import { hash, type Random, random, weighted } from './random';
import type { RhythmName } from './rhythm';
import { type Shape, type ShapeName, type Site, shapes } from './shapes';
import type { World } from './world';

/** Somebody who uses a key: machines of one range with one client, over a span of time. */
export interface Actor {
  readonly range: Range;
  readonly block: Block;
  /** Machines `firstHost` … `firstHost + hosts − 1` of the range. */
  readonly firstHost: number;
  readonly hosts: number;
  readonly family: Family;
  readonly weight: number;
  readonly from: number;
  readonly until: number;
}

/** Something harmless that begins on a key: a detector must live with it. */
export const newcomerKinds = ['new-host', 'office-move', 'new-client', 'release'] as const;
export interface Newcomer {
  readonly key: string;
  readonly at: number;
  readonly kind: (typeof newcomerKinds)[number];
}

/** The customer changes its own program: other routes, more or less use, and now and then an hour of failures. */
export interface Release {
  readonly at: number;
  readonly routeWeights: readonly number[];
  /** Share of requests that fail in the first hour, beside the ordinary one. */
  readonly errors: number;
  /** Requests are so many times as many from then on. */
  readonly load: number;
}

/** All that is needed to write one key's traffic. */
export interface KeyPlan {
  readonly key: string;
  readonly keyName: string;
  readonly tenant: string;
  readonly shape: ShapeName;
  readonly api: ApiName;
  /** Weight of each route of the API for this key; seldom used ones may be 0. */
  readonly routeWeights: readonly number[];
  readonly things: Things;
  readonly rhythm: RhythmName;
  /** Hours east of UTC. */
  readonly offset: number;
  readonly ratePerDay: number;
  /** Relative growth a day. */
  readonly growth: number;
  readonly noise: number;
  readonly visit: number;
  readonly gap: number;
  readonly errors: number;
  readonly lag: number;
  readonly from: number;
  readonly until: number;
  readonly actors: readonly Actor[];
  readonly newcomers: readonly Newcomer[];
  /** In the order of time. */
  readonly releases: readonly Release[];
}

const DAY = 86_400_000;

function actorsOf(sites: readonly Site[], from: number, until: number): Actor[] {
  return sites.flatMap((site) =>
    site.families.map((family) => ({
      range: site.range,
      block: site.block,
      firstHost: 0,
      hosts: site.hosts,
      family,
      weight: site.weight / site.families.length,
      from,
      until,
    })),
  );
}

/** A new machine in the network that is used most. */
function withNewHost(actors: readonly Actor[], at: number): Actor[] {
  const first = actors[0]!;
  return [...actors, { ...first, firstHost: first.hosts, hosts: 1, weight: first.weight * 0.4, from: at }];
}

/** The main place moves to another line of the same country and kind. */
function withMove(actors: readonly Actor[], at: number, rng: Random): Actor[] {
  const old = actors[0]!;
  const block = rng.pick(blocksOf({ kind: old.block.kind, country: old.block.country }));
  const range = subnet(block, rng.int(65_536));
  return actors.flatMap((actor) =>
    actor.range.base === old.range.base
      ? [
          { ...actor, until: at },
          { ...actor, block, range, from: at },
        ]
      : [actor],
  );
}

/** A second client beside the first, on the same machines. */
function withNewClient(actors: readonly Actor[], at: number, rng: Random): Actor[] {
  const first = actors[0]!;
  const family = rng.pick((['java', 'go', 'axios', 'python-httpx'] as const).filter((f) => f !== first.family));
  return [...actors, { ...first, family, weight: first.weight * 0.25, from: at }];
}

/** Four keys in ten have a release: a route that they hardly called becomes as usual as with other customers. */
function releasesOf(world: World, index: number, api: ApiName, routeWeights: readonly number[]): readonly Release[] {
  const rng = random(`${world.seed}/release/${index}`);
  if (!rng.chance(0.4)) return [];
  const at = Math.floor(world.start + (world.end - world.start) * rng.between(0.05, 0.95));
  const rare = rng.pick(routeWeights.flatMap((weight, i) => (weight < 0.5 ? [i] : [])));
  const usual = rng.logNormal(Math.max(0.5, apis[api][rare]!.weight), 0.6);
  return [
    {
      at,
      routeWeights: routeWeights.map((weight, i) => (i === rare ? usual : weight)),
      errors: rng.chance(0.3) ? rng.between(0.05, 0.3) : 0,
      load: rng.logNormal(1.1, 0.25),
    },
  ];
}

/** Weights of shapes, relative; by default each shape's own share. */
export type Mix = Partial<Record<ShapeName, number>>;

/** Keys of one customer: about four. Never fewer than two dozen customers. */
const tenantsOf = (keys: number): number => Math.max(24, Math.round(keys / 4));

interface FleetOptions {
  readonly keys: number;
  readonly ratePerKeyDay: number;
  readonly mix: Mix | undefined;
}

function planOf(world: World, index: number, { keys, ratePerKeyDay, mix }: FleetOptions): KeyPlan {
  const rng = random(`${world.seed}/key/${index}`);
  // The first keys take one shape each, so that a small fleet is mixed too.
  const shares = shapes.map((s) => (mix === undefined ? s.share : (mix[s.name] ?? 0)));
  const shape: Shape & { name: ShapeName } =
    mix === undefined && index < shapes.length ? shapes[index]! : shapes[weighted(shares)(rng)]!;
  const api = rng.pick(shape.apis);
  const key = `k_${hash(`${world.seed}/${index}`).toString(16).padStart(8, '0')}${index.toString(16).padStart(4, '0')}`;
  const sites = shape.sites(rng);
  let actors = actorsOf(sites, world.start, world.end);
  const newcomers: Newcomer[] = [];
  const span = world.end - world.start;
  /** At any time: a fleet in which nothing harmless begins for weeks, and then much, is none. */
  const sometime = () => world.start + span * rng.between(0.05, 0.95);
  const settled = shape.name !== 'mobile' && shape.name !== 'ci';
  if (settled && rng.chance(0.5)) {
    const at = sometime();
    actors = withNewHost(actors, at);
    newcomers.push({ key, at, kind: 'new-host' });
  }
  if (settled && rng.chance(0.2)) {
    const at = sometime();
    actors = withMove(actors, at, rng);
    newcomers.push({ key, at, kind: 'office-move' });
  }
  if (settled && rng.chance(0.2)) {
    const at = sometime();
    actors = withNewClient(actors, at, rng);
    newcomers.push({ key, at, kind: 'new-client' });
  }
  const routeWeights = apis[api].map((route) =>
    route.weight < 0.5 ? 0 : rng.chance(0.8) ? rng.logNormal(route.weight, 0.6) : 0.01,
  );
  const releases = releasesOf(world, index, api, routeWeights);
  for (const { at } of releases) newcomers.push({ key, at, kind: 'release' });
  return {
    key,
    keyName: `${shape.name}-${api}-${index + 1}`,
    tenant: `tenant-${1 + (hash(`${world.seed}/tenant/${index}`) % tenantsOf(keys))}`,
    shape: shape.name,
    api,
    routeWeights,
    things: { first: 1_000 + rng.int(90_000), count: 40 + rng.int(400) },
    rhythm: shape.rhythm,
    offset: utcOffset[sites[0]!.block.country] ?? 0,
    ratePerDay: ratePerKeyDay * shape.rate * rng.logNormal(1, 0.4),
    growth: rng.between(-0.005, 0.02),
    noise: shape.noise,
    visit: shape.visit,
    gap: shape.gap,
    errors: shape.errors * rng.logNormal(1, 0.3),
    lag: shape.lag,
    from: world.start,
    until: world.end,
    actors,
    newcomers,
    releases,
  };
}

/** The owner exchanges a key: the new one carries the same traffic, the old one runs on for a short while. */
function rotate(plan: KeyPlan, world: World, index: number): readonly [KeyPlan, KeyPlan] {
  const rng = random(`${world.seed}/rotation/${index}`);
  const at = world.start + (world.end - world.start) * rng.between(0.3, 0.6);
  const key = `k_${hash(`${world.seed}/${index}`).toString(16).padStart(8, '0')}${index.toString(16).padStart(4, '0')}`;
  const until = Math.min(world.end, at + 0.1 * DAY);
  const heirs = plan.newcomers.filter((n) => n.at >= at).map((n) => ({ ...n, key }));
  const heir: KeyPlan = { ...plan, key, keyName: `${plan.keyName}-b`, from: at, newcomers: heirs };
  return [{ ...plan, until, newcomers: plan.newcomers.filter((n) => n.at < until) }, heir];
}

/**
 * Plans a fleet of exactly `keys` keys. One key in twenty is the successor of another (a rotation); the rest are used
 * from the beginning to the end.
 */
export function fleet(world: World, keys: number, ratePerKeyDay: number, mix?: Mix): readonly KeyPlan[] {
  const rotations = Math.floor(keys / 20);
  const plans = Array.from({ length: keys - rotations }, (_, i) => planOf(world, i, { keys, ratePerKeyDay, mix }));
  for (let i = 0; i < rotations; i++) {
    const index = plans.length;
    const [old, heir] = rotate(plans[shapes.length + i]!, world, index);
    plans[shapes.length + i] = old;
    plans.push(heir);
  }
  return plans;
}
