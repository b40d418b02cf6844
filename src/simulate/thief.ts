import { apis, bytesOf, pathOf, type Route } from './api';
import { addressOf } from './networks';
import { recordOf, type SimulatedEvent } from './owner';
import { type Random, random, weighted } from './random';
import type { Conduct, TheftPlan } from './thefts';
import { answer, type World } from './world';

const DAY = 86_400_000;

interface Attempt {
  readonly route: Route;
  readonly path: string;
  /** Share of attempts that fail: a thief does not know the owner's ids. */
  readonly errors: number;
}

type NextAttempt = (at: number) => Attempt;

/** The routes that look most worth taking: the largest answers to GET. */
const worthTaking = (routes: readonly Route[]): readonly Route[] =>
  routes
    .filter((r) => r.method === 'GET')
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 2);

function attempts(plan: TheftPlan, rng: Random): NextAttempt {
  const routes: readonly Route[] = apis[plan.victim.api];
  const { things, routeWeights } = plan.victim;
  const byConduct: Record<Conduct, () => NextAttempt> = {
    use: () => {
      // Curious: every readable route, the seldom used ones too.
      const draw = weighted(routes.map((r) => (r.method === 'GET' ? Math.max(2, r.weight) : r.weight * 0.2)));
      return (at) => {
        const route = routes[draw(rng)]!;
        return { route, path: pathOf(route, things, at, rng), errors: 0.08 };
      };
    },
    walk: () => {
      const route = routes.find((r) => r.method === 'GET' && /\{(id|code)\}/.test(r.path)) ?? routes[0]!;
      let id = 1 + rng.int(500);
      return () => {
        id++;
        return { route, path: route.path.replace(/\{\w+\}/g, String(id)), errors: 0.3 };
      };
    },
    haul: () => {
      const draw = weighted([3, 1]);
      const targets = worthTaking(routes);
      return (at) => {
        const route = targets[draw(rng)]!;
        return { route, path: pathOf(route, things, at, rng), errors: 0.02 };
      };
    },
    replay: () => {
      const draw = weighted(routeWeights);
      const heard = Array.from({ length: 8 }, () => {
        const route = routes[draw(rng)]!;
        return { route, path: pathOf(route, things, plan.from, rng), errors: 0.01 };
      });
      return () => rng.pick(heard);
    },
  };
  return byConduct[plan.conduct]();
}

/** Times of exactly `requests` requests, uniform over the span, in order and without a list (order statistics). */
function* times(plan: TheftPlan, rng: Random): Generator<number> {
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
  const next = attempts(plan, rng);
  const ip = addressOf(plan.range, plan.firstHost);
  for (const at of times(plan, rng)) {
    const { route, path, errors } = next(at);
    const request = { ip, userAgent: plan.userAgent, route, path };
    const status = answer(world, route, at, errors, rng);
    const bytes = bytesOf(route, status, rng) * (plan.conduct === 'haul' && status < 400 ? 3 : 1);
    yield { at, record: recordOf(plan.victim, at, request, status, bytes, rng), theftId: plan.id };
  }
}
