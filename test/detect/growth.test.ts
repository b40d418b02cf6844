import { growth } from '../../src/detect/growth';
import { volume } from '../../src/detect/volume';
import type { UsageEvent } from '../../src/domain/event';
import { type Finding, standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, steadyFleet, T0 } from '../support/events';

const START = 30;
const owners = steadyFleet(6, 95, 30 * 60_000).filter((e) => e.key !== 'k1');

/** `k1` sends 60 requests a day for 30 days, then more by `rate` every day. */
function growing(rate: number, days: number): UsageEvent[] {
  const events = owners.filter((e) => e.ts < T0 + days * DAY);
  for (let day = 0; day < days; day++) {
    const perDay = Math.round(60 * rate ** Math.max(0, day - START));
    for (let i = 0; i < perDay; i++)
      events.push(anEvent({ ts: T0 + day * DAY + 8 * HOUR + Math.floor((i * 10 * HOUR) / perDay) }));
  }
  return events.sort((a, b) => a.ts - b.ts);
}

const of = (findings: readonly Finding[], key = 'k1') => findings.filter((f) => f.event.key === key);
/** After how many days of growth a surprise of 2 was reached. */
const reached = (findings: readonly Finding[]) => {
  const first = of(findings).find((f) => f.evidence.surprise >= 2);
  return first === undefined ? Infinity : Math.floor((first.event.ts - T0) / DAY) - START;
};

test('growth of 5 % a day, which volume takes for the usual, is told before the requests are fourfold', () => {
  const events = growing(1.05, START + 30);
  const findings = standOf(growth).feed(events);
  expect(reached(findings)).toBeLessThan(27);
  expect(reached(standOf(volume).feed(events))).toBeGreaterThan(27);
  const [{ evidence }] = of(findings).slice(-1);
  expect(evidence).toMatchObject({ facet: 'volume', kind: 'statistical', aboutActor: false });
  expect(evidence.saw).toMatch(/^\d+ requests within one day, \d\.\d times what is usual over months$/);
  expect(evidence.expected).toMatch(/^about 6\d a day over \d\d days in use, at most \d+$/);
});

test('1 % a day for 60 days stays below a surprise of 2: less than twice the usual is not odd', () => {
  expect(reached(standOf(growth).feed(growing(1.01, START + 60)))).toBe(Infinity);
});

test('the steady others are silent', () => {
  const findings = standOf(growth).feed(growing(1.05, START + 30));
  expect(findings.filter((f) => f.event.key !== 'k1')).toEqual([]);
});

test('a new level is news on its first days, not for months', () => {
  const step = (day: number) => (day < START ? 60 : 150 - (day % 5));
  const events = Array.from({ length: 60 }, (_, day) =>
    Array.from({ length: step(day) }, (_, i) => anEvent({ ts: T0 + day * DAY + 8 * HOUR + i * 60_000 })),
  ).flat();
  const findings = standOf(growth).feed([...owners, ...events].sort((a, b) => a.ts - b.ts));
  const told = of(findings).map((f) => Math.floor((f.event.ts - T0) / DAY) - START);
  expect(strongest(of(findings))).toBeGreaterThan(2);
  expect(Math.max(...told)).toBeLessThan(5);
});

test('when everyone sends more, nobody is odd', () => {
  const all = Array.from({ length: 32 }, (_, day) =>
    Array.from({ length: 40 * (day < 30 ? 1 : 3) }, (_, i) =>
      Array.from({ length: 6 }, (_, k) =>
        anEvent({ ts: T0 + day * DAY + 8 * HOUR + i * 180_000 + k, key: `k${k + 1}` }),
      ),
    ).flat(),
  ).flat();
  const alone = all.filter((e) => e.key === 'k1' || (e.ts - T0) % DAY < 10 * HOUR);
  const together = strongest(of(standOf(growth).feed(all)));
  expect(strongest(of(standOf(growth).feed(alone)))).toBeGreaterThan(together + 0.3);
});

test('what is not learned does not become usual', () => {
  const events = growing(1.1, START + 15);
  const findings = standOf(growth).feed(events, (e) => e.key !== 'k1' || e.ts < T0 + START * DAY);
  expect(of(findings)).toEqual([]);
});
