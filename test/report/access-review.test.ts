import { inventoryOf, type KeyFacts, keyFacts } from '../../src/domain/inventory';
import { type ReviewOptions, reviewAccess } from '../../src/report/access-review';
import { createUsage, type UsageBounds } from '../../src/report/usage';
import { anEvent, DAY, T0 } from '../support/events';

const NOW = T0 + 200 * DAY;
const iso = (ms: number) => new Date(ms).toISOString();
const row = (facts: Partial<Record<keyof KeyFacts, unknown>>): KeyFacts =>
  keyFacts.parse({ key: 'k1', owner: 'team-a', created: iso(T0), rotated: iso(NOW - DAY), ...facts });

function review(
  rows: KeyFacts[],
  events: ReturnType<typeof anEvent>[],
  over: Partial<ReviewOptions> = {},
  bounds?: UsageBounds,
) {
  const inventory = inventoryOf(rows, [], rows.length === 0 ? '' : 'd');
  const usage = createUsage({ inventory, present: NOW, bounds });
  for (const event of events) usage.see(event);
  return reviewAccess(usage.result(), {
    inventory,
    asOf: NOW,
    unusedMs: 90 * DAY,
    rotateMs: 90 * DAY,
    rotateMsByTier: new Map(),
    tierOf: () => 'standard',
    ...over,
  });
}
const kinds = (of: ReturnType<typeof review>, key = 'k1') =>
  of.findings.filter((f) => f.key === key).map((f) => f.kind);
const used = (over = {}) => anEvent({ ts: NOW - DAY, ...over });
/** The log begins so long ago. */
const begins = (days: number) => anEvent({ ts: NOW - days * DAY, key: 'other' });

test('a key in order has no finding', () => {
  expect(kinds(review([row({})], [begins(150), used()]))).toEqual([]);
});

test('unused: by the last request, to the day', () => {
  expect(kinds(review([row({})], [begins(150), anEvent({ ts: NOW - 90 * DAY })]))).toEqual(['unused']);
  expect(kinds(review([row({})], [begins(150), anEvent({ ts: NOW - 90 * DAY + 1 })]))).toEqual([]);
});

test('unused: a log that does not reach back far enough is not taken for a proof', () => {
  const long = review([row({})], [begins(150)]);
  expect(long.short).toBe(false);

  expect(long.findings.find((f) => f.kind === 'unused' && f.key === 'k1')?.detail).toBe('no request in 150 days');
  const short = review([row({})], [begins(20)]);
  expect(short.short).toBe(true);
  expect(short.findings.find((f) => f.key === 'k1')?.detail).toMatch(
    /where the log begins; it does not reach back 90 days/,
  );
});

test('unused: a key younger than the time in question is not named', () => {
  expect(kinds(review([row({ created: iso(NOW - 10 * DAY) })], [begins(150)]))).toEqual([]);
});

test('rotation: by tier, never or too long ago, and nothing declared at all', () => {
  const rotateMsByTier = new Map([['critical', 30 * DAY]]);
  const old = { rotated: iso(NOW - 40 * DAY) };
  const events = [begins(150), used()];
  expect(kinds(review([row(old)], events, { rotateMsByTier }))).toEqual([]);
  expect(kinds(review([row({ ...old, tier: 'critical' })], events, { rotateMsByTier }))).toEqual(['rotation-overdue']);
  expect(kinds(review([row(old)], events, { rotateMsByTier, tierOf: () => 'critical' }))).toEqual(['rotation-overdue']);
  expect(kinds(review([row({ rotated: undefined })], events))).toEqual(['never-rotated']);
  expect(kinds(review([row({ rotated: undefined, created: iso(NOW - 5 * DAY) })], events))).toEqual([]);
  expect(kinds(review([row({ rotated: undefined, created: undefined })], events))).toEqual(['never-rotated']);
});

test('no owner, undeclared, and replaced but still in use', () => {
  expect(kinds(review([row({ owner: undefined })], [begins(150), used()]))).toEqual(['no-owner']);
  expect(kinds(review([row({})], [used(), used({ key: 'shadow' })]), 'shadow')).toEqual(['undeclared']);
  expect(kinds(review([], [used()]))).toEqual([]);
  const successor = row({ key: 'k2', predecessor: 'k1' });
  const found = review([row({}), successor], [begins(150), used(), used({ key: 'k2' })]);
  expect(found.findings.filter((f) => f.key.startsWith('k'))).toMatchObject([{ key: 'k1', kind: 'replaced-in-use' }]);
});

test('broader than used: routes, networks and countries that no request needed', () => {
  const declared = row({
    routes: ['GET /v1/orders', '/v1/admin*'],
    cidrs: ['198.51.100.0/24', '10.0.0.0/8'],
    countries: ['DE', 'FR'],
  });
  const [finding, ...others] = review([declared], [used()]).findings;
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ kind: 'broader-than-used' });
  expect(finding!.detail).toMatch(/routes \/v1\/admin\*; networks 10\.0\.0\.0\/8; countries FR$/);
});

test('outside limits: every limit by name, with count and example', () => {
  const declared = row({
    routes: ['GET /v1/orders'],
    cidrs: ['198.51.100.0/24'],
    countries: ['DE'],
    expires: iso(NOW - DAY / 2),
  });
  const thief = { ip: '203.0.113.9', country: 'BR', route: '/v1/admin', path: '/v1/admin' };
  const found = review([declared], [used(), used(thief), used({ ...thief, ts: NOW - DAY / 4 })]);
  expect(kinds(found)).toEqual(['outside-limits']);
  expect(found.findings[0]!.detail).toMatch(
    /^network: 2 requests .* such as 203\.0\.113\.0\/24; country: 2 .* BR; route: 2 .* GET \/v1\/admin; expiry: 1 /,
  );
});

test('a key that is declared by the hash of its secret is found under it', () => {
  const declared = row({ secretHash: 'h1:abc' });
  expect(kinds(review([declared], [begins(150), used({ key: 'h1:abc' })]))).toEqual([]);
});

test('memory is bounded: keys and values beyond are counted, requests of the future left out', () => {
  const usage = createUsage({
    inventory: inventoryOf([], [], ''),
    present: NOW,
    bounds: { keys: 3, ofKey: 4, inAll: 20 },
  });
  for (let i = 0; i < 1_000; i++) {
    usage.see(
      used({
        key: `k${i % 5}`,
        ip: `10.0.${i % 250}.1`,
        country: '',
        userAgent: `agent-${'abcdefgh'[i % 8]}`,
        route: `/r${i}`,
      }),
    );
  }
  usage.see(anEvent({ ts: NOW + 1 }));
  const { keys, beyond, events, fromFuture } = usage.result();
  expect([keys.size, beyond, events, fromFuture]).toEqual([3, 400, 1_000, 1]);
  let held = 0;
  for (const use of keys.values()) {
    for (const set of [use.networks, use.clients, use.routes, use.actors]) {
      expect(set.size).toBeLessThanOrEqual(4);
      held += set.size;
    }
    expect(use.full).toBe(true);
    expect(use.requests).toBe(200);
  }
  expect(held).toBeLessThanOrEqual(20);
});

test('a flood of keys that nobody declared takes no place from a declared one', () => {
  const inventory = inventoryOf([row({})], [], 'd');
  const usage = createUsage({ inventory, present: NOW, bounds: { keys: 3, ofKey: 4, inAll: 20 } });
  for (let i = 0; i < 100; i++) usage.see(used({ key: `guess-${i}`, route: `/r${i}` }));
  usage.see(used());
  const { keys, beyond } = usage.result();
  expect([keys.size, beyond]).toEqual([4, 97]);
  expect(keys.get('k1')).toMatchObject({ full: false, requests: 1 });
  expect(keys.get('k1')!.routes.size).toBe(1);
});
