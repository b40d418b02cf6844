import { spread } from '../../src/detect/spread';
import type { UsageEvent } from '../../src/domain/event';
import { random } from '../../src/simulate/random';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

const lived = standOf(spread);
lived.feed(steadyFleet(40, 20));
const START = T0 + 20 * DAY;

/** The same actor on `k1 … kN`, one after another. */
const visits = (n: number, over: (k: number) => Partial<UsageEvent> = () => ({}), every = 10 * MINUTE) =>
  Array.from({ length: n }, (_, i) =>
    anEvent({
      ts: START + i * every,
      key: `k${i + 1}`,
      ip: '203.0.113.9',
      country: 'BR',
      userAgent: 'curl/8',
      ...over(i + 1),
    }),
  );

test('one newcomer on several unrelated keys is the odder the more they are, learned or not', () => {
  const stand = lived.restored();
  const surprises = visits(10).map((event) => strongest(stand.feed([event], () => false)));
  expect(surprises[0]).toBe(0);
  expect(surprises[1]).toBeGreaterThan(2);
  expect(surprises[9]).toBeGreaterThan(surprises[1] + 0.5);
  for (let i = 1; i < 10; i++) expect(surprises[i]).toBeGreaterThan(surprises[i - 1] - 0.1);
});

test('it says who was seen on how many keys, and how usual that is', () => {
  const findings = lived.restored().feed(visits(4), () => false);
  const { evidence } = findings[findings.length - 1];
  expect(evidence.saw).toBe(
    'the same newcomer (203.0.113.0/24, curl) on 3 other keys within a day, all far from any network known to them',
  );
  expect(evidence.expected).toMatch(/^newcomers as far .+ on this key, one in [\d,]+ of them on as many others$/);
  expect(evidence).toMatchObject({ facet: 'actor', aboutActor: true, since: T0 + 8 * HOUR });
});

test('the first key learns of it at the newcomer’s next request there', () => {
  const stand = lived.restored();
  stand.feed(visits(5), () => false);
  const [{ evidence }] = stand.feed([{ ...visits(1)[0], ts: START + 2 * HOUR }], () => false);
  expect(evidence.saw).toContain('on 4 other keys');
});

test('another client, another network or another week is another actor', () => {
  const alone = (over: (k: number) => Partial<UsageEvent>, every?: number) =>
    strongest(lived.restored().feed(visits(6, over, every), () => false));
  expect(alone((k) => ({ userAgent: `tool-${'abcdefgh'[k]}/1` }))).toBe(0);
  expect(alone((k) => ({ ip: `203.${k}.113.9` }))).toBe(0);
  expect(alone(() => ({}), 7 * DAY)).toBe(0);
});

test('keys of one tenant are one: a customer who moves all his keys is nobody’s thief', () => {
  expect(
    lived.restored().feed(
      visits(10, () => ({ tenant: 'acme' })),
      () => false,
    ),
  ).toEqual([]);
});

test('keys that know the wide network already do not count, as in a roll-out', () => {
  const stand = lived.restored();
  expect(stand.feed(visits(20, (k) => ({ ip: `198.51.${k}.7`, userAgent: 'successor/2' })))).toEqual([]);
  expect(stand.feed(visits(20, () => ({ ip: '198.51.250.7' })))).toEqual([]);
});

test('on a fleet whose newcomers often share networks it is honest: P(surprise ≥ s) ≤ 2·10^-s', () => {
  const rng = random('shared-networks');
  const keys = 150;
  const days = 40;
  const events: UsageEvent[] = [];
  for (let k = 0; k < keys; k++) {
    const perDay = Math.min(3, rng.logNormal(0.1, 1));
    for (let day = 0; day < days; day++) {
      events.push(anEvent({ ts: T0 + day * DAY + rng.int(DAY), key: `b${k}`, ip: `198.51.${k}.7` }));
      for (let t = rng.exponential(DAY / perDay); t < DAY; t += rng.exponential(DAY / perDay)) {
        // A few carriers with one gateway network each are where half of all newcomers come from.
        const ip = rng.chance(0.5)
          ? `${30 + rng.int(60)}.1.1.${rng.int(250)}`
          : `${100 + rng.int(60)}.${rng.int(250)}.1.1`;
        events.push(anEvent({ ts: T0 + day * DAY + Math.floor(t), key: `b${k}`, ip }));
      }
    }
  }
  events.sort((a, b) => a.ts - b.ts);
  const most = new Map<string, number>();
  for (const { event, evidence } of standOf(spread).feed(events)) {
    const day = Math.floor((event.ts - T0) / DAY);
    if (day < 10) continue;
    const keyDay = `${event.key}/${day}`;
    most.set(keyDay, Math.max(most.get(keyDay) ?? 0, evidence.surprise));
  }
  const n = keys * (days - 10);
  for (const s of [1, 1.5, 2]) {
    const allowed = 2 * 10 ** -s;
    const reached = [...most.values()].filter((value) => value >= s).length;
    expect(reached).toBeLessThanOrEqual(n * allowed + 3.1 * Math.sqrt(n * allowed * (1 - allowed)));
  }
  expect([...most.values()].filter((value) => value >= 0.5).length).toBeGreaterThan(0);
});
