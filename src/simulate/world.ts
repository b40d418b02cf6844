import { type Family, families } from './agents';
import { goodStatus, type Route } from './api';
import { hash, type Random, random } from './random';

/** A new release of a client that every key using it takes over within hours. */
export interface Deployment {
  readonly at: number;
  readonly family: Family;
}

/** The API itself is ill: this share of all requests fails, and clients try again. */
export interface Outage {
  readonly from: number;
  readonly until: number;
  readonly share: number;
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
  return {
    seed,
    start,
    end,
    deployments,
    outages: [{ from, until: from + Math.min(0.75 * HOUR, span / 20), share: 0.6 }],
  };
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

/** Status of one request, where `errors` is the caller's own share of failures. */
export function answer(world: World, route: Route, at: number, errors: number, rng: Random): number {
  const outage = outageAt(world, at);
  if (outage !== undefined && rng.chance(outage.share)) return rng.pick([503, 503, 502, 504]);
  return rng.chance(errors) ? rng.pick(ordinary) : goodStatus(route);
}
