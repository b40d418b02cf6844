import fc from 'fast-check';
import { actOut, type PastRequest } from '../../src/enforce/act-out';
import { comparePolicies, differs } from '../../src/enforce/compare';
import { actionRequest, breakerOf, enforceSettings, HOUR, MINUTE, TEN } from '../support/action-request';

const past = (id: string, key: string, at: number, activeKeys = 1_000): PastRequest => ({
  request: actionRequest({ id, key, decidedAt: at }),
  activeKeys,
});

test('a key that is asked for while it is suspended stays under the one action; later its time grows', () => {
  const { acted, held } = actOut(
    [past('a', 'k', TEN), past('b', 'k', TEN + 10 * MINUTE), past('c', 'k', TEN + 2 * HOUR)],
    enforceSettings(),
  );
  expect(acted.map(({ request, from, until }) => [request.id, from, until])).toEqual([
    ['a', TEN, TEN + HOUR],
    ['c', TEN + 2 * HOUR, TEN + 4 * HOUR],
  ]);
  expect(held.map(({ request, rail }) => [request.id, rail])).toEqual([['b', 'stronger-action']]);
});

test('the breaker bounds a flood, and is thought closed a window later', () => {
  const flood = Array.from({ length: 20 }, (_, i) => past(`f${i}`, `k${i}`, TEN + i * 1_000));
  const later = past('later', 'other', TEN + 2 * HOUR);
  const { acted, opened } = actOut([...flood, later], enforceSettings({ breaker: breakerOf(3) }));
  expect(acted.map(({ request }) => request.id)).toEqual(['f0', 'f1', 'f2', 'later']);
  expect(opened).toBe(1);
});

test('dry run of the configuration does not hold; protected keys do', () => {
  const settings = enforceSettings({ mode: 'dry-run', protectedKeys: new Map([['safe', Number.POSITIVE_INFINITY]]) });
  const { acted, held } = actOut([past('a', 'k', TEN), past('b', 'safe', TEN)], settings);
  expect(acted.map(({ request }) => request.key)).toEqual(['k']);
  expect(held.map(({ rail }) => rail)).toEqual(['protected-key']);
});

test('the order in which partitions hand in their requests does not matter', () => {
  const some = fc.array(fc.record({ key: fc.integer({ min: 0, max: 4 }), at: fc.integer({ min: 0, max: 500 }) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(some, (list) => {
      const all = list.map(({ key, at }, i) => past(`r${i}`, `k${key}`, TEN + at * MINUTE + i));
      expect(actOut([...all].reverse(), enforceSettings())).toEqual(actOut(all, enforceSettings()));
    }),
  );
});

test('no key is under two actions at once', () => {
  const some = fc.array(fc.record({ key: fc.integer({ min: 0, max: 2 }), at: fc.integer({ min: 0, max: 2_000 }) }));
  fc.assert(
    fc.property(some, (list) => {
      const all = list.map(({ key, at }, i) => past(`r${i}`, `k${key}`, TEN + at * MINUTE));
      const { acted } = actOut(all, enforceSettings({ breaker: breakerOf(100_000) }));
      const ends = new Map<string, number>();
      for (const { request, from, until } of acted) {
        expect(from).toBeGreaterThanOrEqual(ends.get(request.key) ?? 0);
        ends.set(request.key, until ?? Number.POSITIVE_INFINITY);
      }
    }),
  );
});

test('what differs between two policies comes first; totals count keys, actions and time', () => {
  const settings = enforceSettings();
  const present = actOut([past('a', 'both', TEN)], settings);
  const proposed = actOut([past('a', 'both', TEN), past('n', 'new', TEN + HOUR)], settings);
  const comparison = comparePolicies(present, proposed, TEN + 3 * HOUR);
  expect(comparison.keys.map((one) => [one.key, differs(one)])).toEqual([
    ['new', true],
    ['both', false],
  ]);
  expect(comparison.present).toMatchObject({ keys: 1, actions: 1, duration: HOUR });
  expect(comparison.proposed).toMatchObject({ keys: 2, actions: 2, duration: 2 * HOUR });
});
