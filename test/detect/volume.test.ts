import { volume } from '../../src/detect/volume';
import { random } from '../../src/simulate/random';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

const past = steadyFleet(20, 20);
const many = (n: number, every: number, from: number, key = 'k1') =>
  Array.from({ length: n }, (_, i) => anEvent({ ts: from + i * every, key }));

function settled() {
  const stand = standOf(volume);
  stand.feed(past);
  return stand;
}

const NOON = T0 + 20 * DAY + 12 * HOUR;

test('a burst is told early, at doubling counts, with what is usual', () => {
  const findings = settled().feed(many(2_000, 20, NOON));
  expect(findings[0].event.ts - NOON).toBeLessThan(MINUTE / 2);
  expect(findings.length).toBeLessThan(20);
  expect(findings[0].evidence.saw).toMatch(/^8 requests within one minute$/);
  expect(findings[0].evidence.expected).toMatch(/^about 1 a minute when in use, at most 1 so far$/);
  expect(strongest(findings)).toBeGreaterThan(2);
});

test('slow extra use is seen over the day', () => {
  const findings = settled().feed(many(130, 7 * MINUTE, T0 + 20 * DAY + 7 * HOUR));
  expect(findings.some((f) => f.evidence.saw.endsWith('within one day'))).toBe(true);
});

test('as much as always is nothing', () => {
  expect(settled().feed(steadyFleet(20, 1).map((e) => ({ ...e, ts: e.ts + 20 * DAY })))).toEqual([]);
});

test('a key of great spread is not odd within it', () => {
  const rng = random('bursty');
  const bursty = (days: number, from: number) => {
    const events = [];
    for (let day = 0; day < days; day++) {
      const n = Math.round(rng.logNormal(60, 1));
      for (let i = 0; i < n; i++) events.push(anEvent({ ts: from + day * DAY + rng.int(10 * HOUR), key: 'bursty' }));
    }
    return events.sort((a, b) => a.ts - b.ts);
  };
  const stand = standOf(volume);
  stand.feed([...past, ...bursty(20, T0)].sort((a, b) => a.ts - b.ts));
  const late = many(160, 4 * MINUTE, T0 + 20 * DAY, 'bursty');
  expect(strongest(stand.feed(late))).toBeLessThan(1.5);
  expect(strongest(settled().feed(many(160, 4 * MINUTE, T0 + 20 * DAY)))).toBeGreaterThan(1.5);
});

test('a surge everywhere is less odd than the same surge on one key', () => {
  const surge = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 20 }, (_, k) => anEvent({ ts: NOON + i * MINUTE + k * 100, key: `k${k + 1}` })),
  ).flat();
  const ofAll = strongest(
    settled()
      .feed(surge)
      .filter(({ event }) => event.key === 'k20'),
  );
  const alone = strongest(settled().feed(surge.filter((e) => e.key === 'k20')));
  expect(ofAll).toBeLessThan(alone);
});

test('what is not learned does not become usual', () => {
  const days = (from: number) => many(130, 9 * MINUTE, T0 + from * DAY + 30);
  const learnt = settled();
  const kept = settled();
  for (let day = 20; day < 26; day++) {
    learnt.feed(days(day));
    kept.feed(days(day), () => false);
  }
  expect(strongest(learnt.feed(days(26)))).toBeLessThan(strongest(kept.feed(days(26))));
});
