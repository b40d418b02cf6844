import { stuffing } from '../../src/detect/stuffing';
import type { UsageEvent } from '../../src/domain/event';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

const lived = standOf(stuffing);
lived.feed(steadyFleet(20, 20));
const START = T0 + 20 * DAY;

const guesses = (n: number, over: (i: number) => Partial<UsageEvent> = () => ({}), every = 10_000) =>
  Array.from({ length: n }, (_, i) =>
    anEvent({ ts: START + i * every, key: `guess-${i}`, ip: '203.0.113.9', status: 401, ...over(i) }),
  );
const used = (over: Partial<UsageEvent> = {}) => anEvent({ ts: START + 2 * HOUR, ip: '203.0.113.77', ...over });

test('a key used from a network where many were refused, which is new to it, is told once with the numbers', () => {
  const stand = lived.restored();
  expect(stand.feed(guesses(60))).toEqual([]);
  const [{ evidence }] = stand.feed([used()]);
  expect(evidence).toMatchObject({ facet: 'actor', kind: 'statistical', aboutActor: true });
  expect(evidence.surprise).toBeGreaterThan(2);
  expect(evidence.saw).toMatch(
    /^used from 203\.0\.113\.0\/24, new to this key, where about \d\d different keys were refused within an hour, the last 1\d\d min before$/,
  );
  expect(stand.feed([used({ ts: START + 3 * HOUR })])).toEqual([]);
});

test('few keys, the same key often, keys over days and another network are none', () => {
  const after = (events: UsageEvent[], over: Partial<UsageEvent> = {}) => {
    const stand = lived.restored();
    stand.feed(events);
    return strongest(stand.feed([used(over)]));
  };
  expect(after(guesses(60))).toBeGreaterThan(2);
  expect(after(guesses(12))).toBe(0);
  expect(after(guesses(600, () => ({ key: 'one' })))).toBe(0);
  expect(
    after(
      guesses(60, () => ({}), 10 * MINUTE),
      { ts: START + 10 * HOUR },
    ),
  ).toBe(0);
  expect(after(guesses(60, (i) => ({ ip: `203.0.${i}.9` })))).toBe(0);
  expect(after(guesses(60), { ts: START + 2 * DAY })).toBe(0);
  expect(after(guesses(60), { status: 403 })).toBe(0);
});

test('an outage that refuses every key at its own place guesses nothing', () => {
  const office = (key: string, ts: number, status: number) => anEvent({ ts, key, ip: '198.51.100.7', status });
  const stand = lived.restored();
  const keys = Array.from({ length: 60 }, (_, i) => `office-${i}`);
  for (let day = 20; day < 25; day++) stand.feed(keys.map((key, i) => office(key, T0 + day * DAY + i, 200)));
  stand.feed(keys.map((key, i) => office(key, T0 + 25 * DAY + i, 401)));
  expect(stand.feed([anEvent({ ts: T0 + 25 * DAY + HOUR, ip: '198.51.100.8' })])).toEqual([]);
});

test('a network where a key is at home is no evidence against it', () => {
  const stand = lived.restored();
  stand.feed(guesses(60, () => ({ ip: '198.51.1.9' })));
  expect(stand.feed([used({ ip: '198.51.1.7' })])).toEqual([]);
});

test('a flood of networks does not displace the one with many keys', () => {
  const stand = lived.restored();
  stand.feed(guesses(60));
  stand.feed(guesses(5_000, (i) => ({ ts: START + HOUR + i * 100, ip: `192.${i % 250}.${Math.floor(i / 250)}.1` })));
  expect(strongest(stand.feed([used()]))).toBeGreaterThan(2);
});

test('where keys often meet such networks, the next is less odd', () => {
  const stand = lived.restored();
  const surprises = Array.from({ length: 19 }, (_, i) => {
    stand.feed(guesses(60, () => ({ ip: `203.0.${i}.9`, ts: START + i * HOUR })));
    return strongest(stand.feed([used({ key: `k${i + 1}`, ip: `203.0.${i}.10`, ts: START + i * HOUR + MINUTE })]));
  });
  expect(surprises[18]).toBeLessThan(surprises[0] - 1);
});
