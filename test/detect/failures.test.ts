import { auth } from '../../src/detect/auth';
import type { Detector } from '../../src/detect/detector';
import { errors } from '../../src/detect/errors';
import type { UsageEvent } from '../../src/domain/event';
import { random } from '../../src/simulate/random';
import { type Stand, standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

const FLEET = 30;
const NOON = T0 + 14 * DAY + 12 * HOUR;

/** Requests of one key on one day, one every `every`, with statuses in turn. */
function burst(key: string, n: number, every: number, statuses: readonly number[], over: Partial<UsageEvent> = {}) {
  return Array.from({ length: n }, (_, i) =>
    anEvent({ ts: NOON + i * every, key, ip: '198.51.1.7', status: statuses[i % statuses.length], ...over }),
  );
}

const past = steadyFleet(FLEET, 14);
const lived = new Map<Detector, Stand>();

/** A stand of its own for which two quiet weeks lie behind. */
function mature(detector: Detector): Stand {
  let stand = lived.get(detector);
  if (stand === undefined) {
    stand = standOf(detector);
    stand.feed(past);
    lived.set(detector, stand);
  }
  return stand.restored();
}

describe.each([
  ['errors', errors, 500],
  ['errors', errors, 404],
  ['auth', auth, 401],
  ['auth', auth, 403],
] as const)('%s', (_, detector, status) => {
  test(`a key that alone begins to fail with ${status} is told, with its own share and everyone's`, () => {
    const findings = mature(detector).feed(burst('k1', 60, 20_000, [200, status]));
    expect(strongest(findings)).toBeGreaterThan(2);
    const { evidence } = findings[findings.length - 1];
    expect(evidence.saw).toMatch(/^\d+ (failures|denials \(401 or 403\)) in \d+ requests within one hour$/);
    expect(evidence.expected).toMatch(/ % on this key, .+ % on this route for everyone else just now$/);
    expect(evidence.aboutActor).toBe(false);
  });
});

test('each counts its own kind of failure only', () => {
  expect(mature(auth).feed(burst('k1', 60, 20_000, [500]))).toEqual([]);
  expect(mature(errors).feed(burst('k1', 60, 20_000, [403]))).toEqual([]);
});

test('a key that always fails as much is not told', () => {
  const stand = standOf(errors);
  const status = (i: number) => (i % 3 === 0 ? 404 : 200);
  stand.feed(past.map((e, i) => (e.key === 'k1' ? { ...e, status: status(i) } : e)));
  expect(strongest(stand.feed(burst('k1', 60, 20_000, [404, 200, 200])))).toBeLessThan(0.6);
});

test('a thief alone on a route is not taken for an outage of that route', () => {
  const findings = mature(auth).feed(burst('k1', 200, 5_000, [403], { route: '/v1/admin', path: '/v1/admin' }));
  expect(strongest(findings)).toBeGreaterThan(2);
});

test('a burst is judged once everyone else had time to fail too', () => {
  const findings = mature(errors).feed(burst('k1', 400, 1_000, [500]));
  expect(findings[0].event.ts - NOON).toBe(180_000);
  expect(findings.length).toBeLessThan(5);
});

/** From noon on every request of the fleet fails with the given chance; each failure is retried up to four times. */
function outage(share: number, routes: readonly string[], busy: number): UsageEvent[] {
  const rng = random(`outage-${share}-${busy}`);
  const events: UsageEvent[] = [];
  for (let t = NOON - 2 * HOUR; t < NOON + 2 * HOUR; t += busy) {
    for (let k = 1; k <= FLEET; k++) {
      const route = rng.pick(routes);
      const over = { key: `k${k}`, ip: `198.51.${k}.7`, userAgent: `client-${k % 5}/1.${k % 3}`, route, path: route };
      const at = t + rng.int(busy);
      for (let attempt = 0; attempt < 5; attempt++) {
        const fails = at >= NOON && at < NOON + HOUR && rng.chance(share);
        events.push(anEvent({ ...over, ts: at + attempt * 2_000, status: fails ? 503 : 200 }));
        if (!fails) break;
      }
    }
  }
  return events.sort((a, b) => a.ts - b.ts);
}

test.each([
  [1, 10 * MINUTE],
  [0.5, 10 * MINUTE],
  [1, MINUTE],
  [0.5, MINUTE],
  [1, 15_000],
  [0.3, 15_000],
])(
  'an outage for everyone (share %d, a request every %d ms), with retries on five routes, is nobody’s oddity',
  (share, busy) => {
    const stand = standOf(errors);
    const routes = ['/v1/orders', '/v1/users', '/v1/items', '/v1/carts', '/v1/search'];
    stand.feed(steadyFleet(FLEET, 14));
    expect(strongest(stand.feed(outage(share, routes, busy)))).toBeLessThanOrEqual(1);
  },
);
