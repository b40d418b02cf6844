import { causeId } from '../../src/decide/incident';
import type { UsageEvent } from '../../src/domain/event';
import { inventoryOf, keyFacts } from '../../src/domain/inventory';
import { createObserver } from '../../src/profile/observation';
import { type CaseBounds, caseBounds, createCase } from '../../src/report/case';
import { clientsLeft, lineOf, moveOf } from '../../src/report/moves';
import { anEvent, DAY, HOUR, T0 } from '../support/events';

const observe = createObserver();
const actorOf = (event: UsageEvent) => causeId('actor', observe(event, event.ts, 0, 0).actor);
const owner = (over = {}) => anEvent(over);
const thief = (over = {}) => anEvent({ ip: '203.0.113.9', userAgent: 'curl/8.0', country: 'BR', ...over });

function caseOf(events: UsageEvent[], over: { since?: number; bounds?: Partial<CaseBounds> } = {}) {
  const made = createCase({
    key: new Set(['k1']),
    successors: new Set(['k2', 'k3']),
    suspects: new Set([actorOf(thief())]),
    since: over.since,
    bounds: { ...caseBounds, ...over.bounds },
  });
  for (const event of events) made.see(event);
  return made.result();
}

test('the thief by actor: what he called, how much of it succeeded, what nobody else called, where else he was', () => {
  const what = caseOf([
    owner(),
    thief({ ts: T0 + 1 }),
    thief({ ts: T0 + 2, method: 'DELETE', path: '/v1/orders/7', route: '/v1/orders/{id}', bytes: undefined }),
    thief({ ts: T0 + HOUR, status: 403, bytes: 10 }),
    thief({ ts: T0 + 5, key: 'k9', keyName: 'batch' }),
    owner({ ts: T0 + 6, key: 'k9' }),
  ]);
  expect(what.clients.map(({ suspect, requests, network }) => [suspect, requests, network])).toEqual([
    [true, 3, '203.0.113.0/24'],
    [false, 1, '198.51.100.0/24'],
  ]);
  expect(what.touched).toMatchObject({ requests: 3, succeeded: 2, denied: 1, bytes: 522, writes: 1, paths: 2 });
  expect(what.routes.map(({ route, requests, alone }) => [route, requests, alone])).toEqual([
    ['GET /v1/orders', 2, false],
    ['DELETE /v1/orders/{id}', 1, true],
  ]);
  expect([...what.otherKeys]).toMatchObject([['k9', { requests: 1, succeeded: 1, keyName: 'batch' }]]);
  expect(what.hours.map(({ requests, denied }) => [requests, denied])).toEqual([
    [2, 0],
    [1, 1],
  ]);
});

test('clients move to the successor until none is left', () => {
  const since = T0 + DAY;
  const old = (host: number, at: number, status = 401) => owner({ ts: T0 + at, ip: `10.0.${host}.1`, status });
  const fresh = (host: number, at: number, key = 'k2') => owner({ ts: T0 + at, ip: `10.0.${host}.1`, key });
  const events = [
    ...[1, 2, 3].map((host) => old(host, 0, 200)),
    ...[1, 2].map((host) => old(host, DAY + HOUR)),
    thief({ ts: since + HOUR }),
  ];
  const moves = () => {
    const what = caseOf(
      [...events].sort((a, b) => a.ts - b.ts),
      { since },
    );
    const byNetwork = what.clients.filter((c) => !c.suspect).map((c) => [c.network, moveOf(c, what.until)]);
    return [Object.fromEntries(byNetwork), clientsLeft(what).length];
  };
  const of = (one: string, two: string, three: string) => ({
    '10.0.1.0/24': one,
    '10.0.2.0/24': two,
    '10.0.3.0/24': three,
  });
  expect(moves()).toEqual([of('still-uses', 'still-uses', 'not-seen'), 2]);
  events.push(fresh(1, DAY + 2 * HOUR), fresh(2, DAY + 2 * HOUR, 'k3'), old(2, DAY + 3 * HOUR));
  expect(moves()).toEqual([of('moved', 'moving', 'not-seen'), 1]);
  events.push(fresh(2, 3 * DAY));
  expect(moves()).toEqual([of('moved', 'moved', 'not-seen'), 0]);
});

test('a crowd of clients takes no place from a suspect, and memory is bounded', () => {
  const crowd = Array.from({ length: 500 }, (_, i) =>
    owner({ ip: `10.${i % 250}.${Math.floor(i / 250)}.1`, route: `/r${i}` }),
  );
  const late = Array.from({ length: 40 }, (_, i) =>
    thief({ ts: T0 + i * HOUR, route: `/t${i}`, path: `/t${i}`, key: 'k1' }),
  );
  const elsewhere = Array.from({ length: 30 }, (_, i) => thief({ key: `x${i}` }));
  const what = caseOf([...crowd, ...late, ...elsewhere], {
    bounds: { clients: 10, routes: 5, otherRoutes: 5, paths: 7, hours: 6, keys: 4 },
  });
  expect(what.clients).toHaveLength(11);
  expect(what.clients[0]).toMatchObject({ suspect: true, requests: 40 });
  expect(what.routes).toHaveLength(5);
  expect(what.hours).toHaveLength(6);
  expect(what.otherKeys.size).toBe(4);
  expect(what.touched).toMatchObject({ requests: 40, paths: 7 });
  expect(what.beyond).toEqual({ clients: 490, routes: 35, hours: 34, keys: 26 });
});

test('the line of a key: hashes of secrets, successors of successors, and no way round in a circle', () => {
  const rows = [
    { key: 'k1', secretHash: 'h1', predecessor: 'k3' },
    { key: 'k2', predecessor: 'h1' },
    { key: 'k3', predecessor: 'k2', secretHash: 'h3' },
    { key: 'k4' },
  ].map((row) => keyFacts.parse(row));
  const line = lineOf('h1', inventoryOf(rows, [], 'd'));
  expect([...line.key].sort()).toEqual(['h1', 'k1']);
  expect([...line.successors].sort()).toEqual(['h3', 'k2', 'k3']);
});
