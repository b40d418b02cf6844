import { apis, bytesOf, goodStatus, pathOf, type Route } from './api';
import { conductOf, type Repertoire, type Request } from './conduct';
import type { KeyPlan } from './fleet';
import { addressOf } from './networks';
import { recordOf, type SimulatedEvent } from './owner';
import { type Random, random, weighted } from './random';
import type { Schedule, TheftPlan } from './thefts';
import { answer, type World } from './world';

const DAY = 86_400_000;

interface ApiRequest extends Request {
  readonly method: Route['method'];
  readonly latency: number;
  readonly bytes: number;
}

/** What can be done with a key of the simulated world. */
function repertoireOf(victim: KeyPlan): Repertoire {
  const routes: readonly Route[] = apis[victim.api];
  const requestOf = (route: Route, path: string): ApiRequest => {
    const { method, bytes, latency } = route;
    return { method, path, status: goodStatus(route), bytes, latency };
  };
  const drawn = (among: readonly Route[], weights: readonly number[]) => {
    const draw = weighted(weights);
    return (at: number, rng: Random) => {
      const route = among[draw(rng)]!;
      return requestOf(route, pathOf(route, victim.things, at, rng));
    };
  };
  const largest = routes
    .filter((r) => r.method === 'GET')
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 2);
  const named = routes.find((r) => r.method === 'GET' && /\{(id|code)\}/.test(r.path)) ?? routes[0]!;
  const makes = routes.find((r) => r.method === 'POST') ?? routes[0]!;
  return {
    own: drawn(routes, victim.routeWeights),
    any: drawn(
      routes,
      routes.map((r) => (r.method === 'GET' ? Math.max(2, r.weight) : r.weight * 0.2)),
    ),
    large: drawn(largest, [3, 1]),
    item: (n) => requestOf(named, named.path.replace(/\{\w+\}/g, String(n))),
    create: drawn([makes, ...largest], [8, 1, 1]),
  };
}

/** Times of exactly `requests` requests, uniform over the span, in order and without a list (order statistics). */
export function* times(plan: Schedule, rng: Random): Generator<number> {
  if (plan.daily) {
    const room = Math.min(DAY / 6, plan.until - plan.from);
    for (let day = 0; day < plan.requests; day++) {
      const at = plan.from + day * DAY + Math.floor(room * rng.next());
      if (at < plan.until) yield at;
    }
    return;
  }
  let at = plan.from;
  for (let left = plan.requests; left > 0; left--) {
    at += (plan.until - at) * (1 - (1 - rng.next()) ** (1 / left));
    yield Math.min(Math.floor(at), plan.until - 1);
  }
}

/** A thief's requests in time order, all within [from, until) of the plan and at least one. Constant memory. */
export function* thiefTraffic(plan: TheftPlan, world: World): Generator<SimulatedEvent> {
  const rng = random(`${world.seed}/${plan.id}`);
  const next = conductOf[plan.conduct](repertoireOf(plan.victim), plan.from, rng);
  const client = { ip: addressOf(plan.range, plan.firstHost), userAgent: plan.userAgent };
  for (const at of times(plan, rng)) {
    const { request, errors, failures, larger = 1 } = next(at);
    const status = answer(world, request.status, at, errors, rng, failures);
    const { method, path, bytes, latency } = request as ApiRequest;
    const sent = bytesOf(bytes, status, rng) * (status < 400 ? larger : 1);
    const record = recordOf(plan.victim, at, { ...client, method, path, latency }, status, sent, rng);
    yield { at, record, theftId: plan.id };
  }
}
