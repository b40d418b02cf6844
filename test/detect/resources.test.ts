import { resources } from '../../src/detect/resources';
import { type Resource, readResource } from '../../src/detect/resources/resource';
import type { UsageEvent } from '../../src/domain/event';
import { random } from '../../src/simulate/random';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

const rng = random('resources');
const order = (id: number, over: Partial<UsageEvent> = {}) =>
  anEvent({ path: `/v1/orders/${id}`, route: '/v1/orders/{id}', ...over });
/** Twenty keys over three weeks, each asking for some of its own thirty orders. */
const past = steadyFleet(20, 21).map((e) => ({ ...e, ...pathOf(5_000 + rng.int(30)) }));
const lived = standOf(resources);
lived.feed(past);

function pathOf(id: number) {
  const { path, route } = order(id);
  return { path, route };
}

const NIGHT = T0 + 21 * DAY + HOUR;
const asking = (ids: readonly number[], every = 1_000) => ids.map((id, i) => order(id, { ts: NIGHT + i * every }));
const upwards = (n: number) => Array.from({ length: n }, (_, i) => 8_000 + i);

test('a walk through ids is told at fixed counts, with how much of it ascends', () => {
  const findings = lived.restored().feed([order(1, { ts: NIGHT }), ...asking(upwards(2_000))]);
  expect(findings.map((f) => f.event.ts - NIGHT).length).toBeLessThanOrEqual(6);
  const [first] = findings;
  expect(first.event.ts - NIGHT).toBeLessThan(10 * MINUTE);
  expect(strongest(findings)).toBeGreaterThan(2);
  const last = findings[findings.length - 1].evidence;
  expect(last).toMatchObject({ facet: 'routes', kind: 'statistical', aboutActor: false });
  expect(last.saw).toMatch(
    /^about [\d,]+ different resources within one day, [\d,]+ of the numbers one after another, the latest of GET \/v1\/orders\/\{id\}$/,
  );
  expect(last.expected).toMatch(/^about \d+ a day when in use, at most \d+ so far$/);
});

test('the same few things asked for often are nothing', () => {
  const ids = Array.from({ length: 3_000 }, (_, i) => 5_000 + (i % 30));
  expect(lived.restored().feed(asking(ids))).toEqual([]);
});

test('things in no order are told too, without a word of walking', () => {
  const { int } = random('order');
  const findings = lived.restored().feed(asking(Array.from({ length: 2_000 }, () => int(1e9))));
  expect(strongest(findings)).toBeGreaterThan(2);
  expect(findings.map((f) => f.evidence.saw).join()).not.toContain('one after another');
});

test('a walk is followed while the owner works on', () => {
  const mixed = upwards(900).flatMap((id) => [id, 5_000 + rng.int(30), 5_000 + rng.int(30)]);
  const [saw] = lived
    .restored()
    .feed(asking(mixed))
    .map((f) => f.evidence.saw)
    .slice(-1);
  expect(Number(/, ([\d,]+) of the numbers/.exec(saw)?.[1].replace(',', ''))).toBeGreaterThan(200);
});

test('one more like the days before is nothing; a route without a variable part has no resources', () => {
  const day = past.filter((e) => e.ts < T0 + DAY).map((e) => ({ ...e, ts: e.ts + 21 * DAY }));
  expect(strongest(lived.restored().feed(day))).toBeLessThan(1);
  const plain = Array.from({ length: 2_000 }, (_, i) => anEvent({ ts: NIGHT + i, path: '/v1/x', route: '/v1/x' }));
  expect(lived.restored().feed(plain)).toEqual([]);
});

test('a key that always asks for many is not odd when it asks for many', () => {
  const crawler = (day: number) =>
    Array.from({ length: 1_500 }, (_, i) =>
      order(day * 10_000 + i, { ts: T0 + day * DAY + i * 20_000, key: 'crawler' }),
    );
  const stand = lived.restored();
  for (let day = 21; day < 40; day++) stand.feed(crawler(day));
  expect(strongest(stand.feed(crawler(40)))).toBeLessThan(1);
});

test('when everyone asks for more, nobody is odd', () => {
  const all = Array.from({ length: 300 }, (_, i) =>
    Array.from({ length: 20 }, (_, k) => order(1_000 * k + i, { ts: NIGHT + i * MINUTE + k, key: `k${k + 1}` })),
  ).flat();
  const of = (findings: ReturnType<typeof lived.feed>) => strongest(findings.filter((f) => f.event.key === 'k20'));
  expect(of(lived.restored().feed(all))).toBeLessThan(of(lived.restored().feed(all.filter((e) => e.key === 'k20'))));
});

test('what is not learned does not become usual', () => {
  const [taught, untaught] = [lived.restored(), lived.restored()];
  const day = (n: number) => asking(upwards(400)).map((e) => ({ ...e, ts: e.ts + n * DAY }));
  for (let n = 0; n < 30; n++) {
    taught.feed(day(n));
    untaught.feed(day(n), () => false);
  }
  expect(strongest(taught.feed(day(30)))).toBeLessThan(strongest(untaught.feed(day(30))));
});

test('a path is a thing with a number: the last one in it', () => {
  const read = (path: string): Resource => {
    const into = { hash: 0, next: 0 };
    readResource(path, into);
    return into;
  };
  expect(read('/orders/9/lines').next).toBe(read('/orders/10/lines').hash);
  expect(read('/orders/9').next).not.toBe(read('/users/10').hash);
  expect(read('/v1/orders/99').next).toBe(read('/v1/orders/100').hash);
  expect(read('/v1/users/ada').hash).not.toBe(read('/v1/users/ida').hash);
  expect(read('/users/ada').next).toBe(0);
  expect(read('').next).toBe(0);
  expect(read('/orders/12345678901234567').next).toBe(read('/orders/12345678901234568').hash);
});
