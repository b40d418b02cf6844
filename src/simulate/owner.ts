import type { UsageEventRecord } from '../domain/event';
import { userAgent } from './agents';
import { apis, bytesOf, goodStatus, pathOf, type Route } from './api';
import type { Actor, KeyPlan, Release } from './fleet';
import { addressOf } from './networks';
import { type Draw, type Random, random, weighted } from './random';
import { load } from './rhythm';
import { answer, buildAt, outageAt, type World } from './world';

const HOUR = 3_600_000;
const DAY = 86_400_000;

/** One request, with its time in milliseconds UTC; `theftId` where a thief made it. */
export interface SimulatedEvent {
  readonly at: number;
  readonly record: UsageEventRecord;
  readonly theftId?: string;
}

/** Writes one request as a record of keywatch's own format. */
export function recordOf(
  plan: KeyPlan,
  at: number,
  request: {
    readonly ip: string;
    readonly userAgent: string;
    readonly method: Route['method'];
    readonly path: string;
    readonly latency: number;
  },
  status: number,
  bytes: number,
  rng: Random,
): UsageEventRecord {
  return {
    ts: new Date(at).toISOString(),
    key: plan.key,
    keyName: plan.keyName,
    tenant: plan.tenant,
    ip: request.ip,
    method: request.method,
    path: request.path,
    status,
    userAgent: request.userAgent,
    bytes,
    latency: Math.max(1, Math.round(rng.logNormal(request.latency, 0.4))),
  };
}

/** A draw among the actors that use the key at a time; made anew only when one begins or ends. */
function actorDraw(actors: readonly Actor[]): (at: number, rng: Random) => Actor | undefined {
  let until = Number.NEGATIVE_INFINITY;
  let live: readonly Actor[] = [];
  let draw: Draw = () => 0;
  return (at, rng) => {
    if (at >= until) {
      live = actors.filter((a) => a.from <= at && at < a.until);
      const edges = actors.flatMap((a) => [a.from, a.until]).filter((edge) => edge > at);
      until = Math.min(...edges, Number.POSITIVE_INFINITY);
      if (live.length > 0) draw = weighted(live.map((a) => a.weight));
    }
    return live.length === 0 ? undefined : live[draw(rng)];
  };
}

/** The release of the customer's own program that is in force; `undefined` before the first. */
const releaseAt = (plan: KeyPlan, at: number): Release | undefined =>
  plan.releases.findLast((release) => release.at <= at);

/** A release that went wrong is put right within the hour. */
function errorsAt(plan: KeyPlan, release: Release | undefined, at: number): number {
  return release !== undefined && at < release.at + HOUR ? plan.errors + release.errors : plan.errors;
}

/**
 * The traffic of a key's rightful users in time order: visits arrive as a Poisson process whose rate follows the key's
 * rhythm and growth and varies from hour to hour; a visit is a run of requests by one actor. Constant memory.
 */
export function* ownerTraffic(plan: KeyPlan, world: World): Generator<SimulatedEvent> {
  const rng = random(`${world.seed}/${plan.key}/owner`);
  const draws = new Map<Release | undefined, Draw>([[undefined, weighted(plan.routeWeights)]]);
  for (const release of plan.releases) draws.set(release, weighted(release.routeWeights));
  const drawActor = actorDraw(plan.actors);
  let at = plan.from;
  let hour = Number.NaN;
  let meanGap = Number.POSITIVE_INFINITY;
  while (at < plan.until) {
    if (Math.floor(at / HOUR) !== hour) {
      hour = Math.floor(at / HOUR);
      const growth = 1 + (plan.growth * (at - world.start)) / DAY;
      const { load: step = 1 } = releaseAt(plan, at) ?? {};
      const factor = load(plan.rhythm, at, plan.offset) * growth * step * rng.logNormal(1, plan.noise);
      meanGap = factor > 0 ? (plan.visit * DAY) / (plan.ratePerDay * factor) : Number.POSITIVE_INFINITY;
    }
    // Without memory: a gap that reaches past the hour is drawn anew there, at that hour's rate.
    const arrival = at + (meanGap === Number.POSITIVE_INFINITY ? HOUR : rng.exponential(meanGap));
    if (arrival >= (hour + 1) * HOUR) {
      at = (hour + 1) * HOUR;
      continue;
    }
    at = arrival;
    const actor = drawActor(at, rng);
    if (actor === undefined) continue;
    const release = releaseAt(plan, at);
    for (const event of visit(plan, world, actor, release, draws.get(release)!, at, rng)) {
      at = Math.max(at, event.at + 1);
      if (event.at < plan.until) yield event;
    }
  }
}

function* visit(
  plan: KeyPlan,
  world: World,
  actor: Actor,
  release: Release | undefined,
  drawRoute: Draw,
  from: number,
  rng: Random,
): Generator<SimulatedEvent> {
  const ip = addressOf(actor.range, actor.firstHost + Math.floor(actor.hosts * rng.next() * rng.next()));
  const lag = plan.lag === 0 ? 0 : Math.floor((plan.lag + 1) * rng.next() ** 2);
  const agent = userAgent(actor.family, buildAt(world, actor.family, plan.key, from) - lag + plan.lag);
  const routes: readonly Route[] = apis[plan.api];
  const errors = errorsAt(plan, release, from);
  let at = from;
  do {
    const route = routes[drawRoute(rng)]!;
    const { method, latency } = route;
    const request = { ip, userAgent: agent, method, latency, path: pathOf(route, plan.things, at, rng) };
    // Clients try again while the API is ill: at most three times, waiting longer each time.
    for (let attempt = 0; ; attempt++) {
      const stamp = Math.floor(at);
      const status = answer(world, goodStatus(route), stamp, errors, rng);
      yield { at: stamp, record: recordOf(plan, stamp, request, status, bytesOf(route.bytes, status, rng), rng) };
      if (status < 502 || attempt >= 3 || outageAt(world, stamp) === undefined) break;
      at += 1_000 * 2 ** attempt * rng.between(0.5, 1.5);
    }
    at += 1 + rng.exponential(plan.gap);
  } while (rng.chance(1 - 1 / plan.visit));
}
