import { dormancy } from '../../src/detect/dormancy';
import type { UsageEvent } from '../../src/domain/event';
import { standOf } from '../support/detectors';
import { anEvent, DAY, HOUR, T0 } from '../support/events';

/** Ten keys in use once a day for `days`, and another on some days only. */
const fleet = (days: number, sleeper: readonly number[], gap: readonly [number, number] = [0, 0]): UsageEvent[] =>
  Array.from({ length: days }, (_, day) => {
    if (day >= gap[0] && day < gap[1]) return [];
    const others = Array.from({ length: 10 }, (_, k) => anEvent({ ts: T0 + day * DAY + k, key: `k${k}` }));
    const own = anEvent({ ts: T0 + day * DAY + HOUR, key: 'sleeper' });
    return sleeper.includes(day) ? [...others, own] : others;
  }).flat();

const first = Array.from({ length: 15 }, (_, i) => i);
const woken = (days: number, sleeper: readonly number[], gap?: readonly [number, number]) =>
  standOf(dormancy).feed(fleet(days, sleeper, gap));

test('the first use after 134 days is told once, as such', () => {
  const findings = woken(155, [...first, 148, 149, 150]);
  expect(findings).toHaveLength(1);
  const [{ event, evidence }] = findings;
  expect(event.ts).toBe(T0 + 148 * DAY + HOUR);
  expect(evidence).toMatchObject({
    facet: 'time',
    kind: 'statistical',
    saw: 'first use after 134 days of silence',
    expected: 'no such silence before in 148 days; 0 of all keys woke so far',
    since: T0 + HOUR,
    aboutActor: false,
  });
  expect(evidence.surprise).toBeGreaterThan(1.5);
});

test('it is never a sign that a suspension asks for: a key taken up again is often moved as well', () => {
  for (const { evidence } of woken(400, [...first, 390])) expect(evidence.surprise).toBeLessThan(2);
});

test('89 days are no sleep, 90 are', () => {
  expect(woken(120, [...first, 14 + 89])).toEqual([]);
  expect(woken(120, [...first, 14 + 90])).toHaveLength(1);
});

test('a quarterly key is expected to wake', () => {
  const findings = woken(500, [...first, 110, 205, 300, 395, 490]);
  expect(findings.map((f) => f.event.ts)).toEqual([T0 + 110 * DAY + HOUR]);
});

test('when the log was silent, nobody slept', () => {
  expect(woken(150, [...first, 120], [20, 115])).toEqual([]);
  expect(woken(150, [...first, 115], [20, 115])).toEqual([]);
  const [{ evidence }] = woken(250, [...first, 220], [20, 115]);
  expect(evidence.saw).toBe('first use after 110 days of silence');
});

test('where many wake, one more is less odd', () => {
  const past = fleet(120, []);
  const sleepers = (day: number) =>
    Array.from({ length: 100 }, (_, k) => anEvent({ ts: T0 + day * DAY + HOUR + k, key: `s${k}` }));
  const all = [...past, ...sleepers(0), ...sleepers(100)].sort((a, b) => a.ts - b.ts);
  const surprises = standOf(dormancy)
    .feed(all)
    .map((f) => f.evidence.surprise);
  expect(surprises[0]).toBeGreaterThan(1.8);
  expect(surprises[surprises.length - 1]).toBeLessThan(1.5);
});
