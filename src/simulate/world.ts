import { type Family, families } from './agents';
import { hash, type Random, random } from './random';

/** A new release of a client that every key using it takes over within hours. */
export interface Deployment {
  readonly at: number;
  readonly family: Family;
}

/** The API itself is ill: this share of all requests fails with one of these statuses; clients repeat what failed with 502 to 504. */
export interface Outage {
  readonly from: number;
  readonly until: number;
  readonly share: number;
  readonly statuses: readonly number[];
}

/** What happens to everybody. Times in milliseconds UTC. */
export interface World {
  readonly seed: string;
  readonly start: number;
  readonly end: number;
  readonly deployments: readonly Deployment[];
  readonly outages: readonly Outage[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** One more outage for each so many days. */
const OUTAGE_EVERY = 10 * DAY;

const overloaded = [503, 503, 502, 504] as const;
/** What an outage can look like from outside. */
const illnesses: readonly Pick<Outage, 'share' | 'statuses'>[] = [
  { share: 0.6, statuses: overloaded },
  { share: 0.3, statuses: [500] },
  { share: 0.9, statuses: [401] },
  { share: 0.5, statuses: [429] },
];

export function worldOf(seed: string, start: number, end: number, incidents: boolean): World {
  const span = end - start;
  const rng = random(`${seed}/world`);
  if (!incidents) return { seed, start, end, deployments: [], outages: [] };
  const names = Object.keys(families) as Family[];
  const deployments = names.flatMap((family) => [
    { at: start + span * rng.between(0.2, 0.4), family },
    { at: start + span * rng.between(0.65, 0.85), family },
  ]);
  const from = start + span * rng.between(0.72, 0.85);
  const first = { from, until: from + Math.min(0.75 * HOUR, span / 20), ...illnesses[0]! };
  return { seed, start, end, deployments, outages: [first, ...furtherOutages(seed, start, span)] };
}

/** From ten days on: at any time, of any kind, ten minutes to two hours. */
function furtherOutages(seed: string, start: number, span: number): Outage[] {
  const rng = random(`${seed}/outages`);
  return Array.from({ length: Math.floor(span / OUTAGE_EVERY) }, (_, i) => {
    const from = start + (i + rng.next()) * OUTAGE_EVERY;
    return { from, until: from + rng.between(HOUR / 6, 2 * HOUR), ...rng.pick(illnesses) };
  });
}

/** How many releases of a client a key has taken over; each key follows a release within six hours. */
export function buildAt(world: World, family: Family, key: string, at: number): number {
  let build = 0;
  for (const [i, deployment] of world.deployments.entries()) {
    if (deployment.family !== family) continue;
    if (deployment.at + (hash(`${key}/${i}`) / 4_294_967_296) * 6 * HOUR <= at) build++;
  }
  return build;
}

export function outageAt(world: World, at: number): Outage | undefined {
  return world.outages.find((o) => at >= o.from && at < o.until);
}

/** Failures of an ordinary day, the likelier the more often they stand here. */
const ordinary = [404, 404, 404, 404, 400, 400, 422, 422, 409, 429, 500, 401] as const;

/** Status of one request that would be answered with `good`, where `errors` is the caller's own share of failures. */
export function answer(
  world: World,
  good: number,
  at: number,
  errors: number,
  rng: Random,
  failures: readonly number[] = ordinary,
): number {
  const outage = outageAt(world, at);
  if (outage !== undefined && rng.chance(outage.share)) return rng.pick(outage.statuses);
  return rng.chance(errors) ? rng.pick(failures) : good;
}
