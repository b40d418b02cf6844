import type { UsageEvent } from '../../src/domain/event';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

/**
 * What patience buys an attacker, as the detection page tells it. These are measurements of limits, not promises: when
 * one changes, the page must change with it.
 */

const fromElsewhere = (ts: number): UsageEvent =>
  anEvent({ ts, key: 'k1', ip: '203.0.113.50', country: 'BR', userAgent: 'python-requests/2.31' });

const loudOn = (events: readonly UsageEvent[]) =>
  testEngine()
    .advance(entriesOf([...events].sort((a, b) => a.ts - b.ts)))
    .alerts.filter((a) => a.event.kind === 'alert' && a.user?.id === 'k1');

test('one request a day from elsewhere is told at the first request', () => {
  const start = T0 + 14 * DAY + 12 * HOUR;
  const visits = Array.from({ length: 20 }, (_, day) => fromElsewhere(start + day * DAY));
  const alerts = loudOn([...steadyFleet(20, 35), ...visits]);
  expect(alerts[0]?.['@timestamp']).toBe(new Date(start).toISOString());
});

test('who was told of, and was left alone for seven days, is learned slowly: then the newcomer is no news', () => {
  const start = T0 + 14 * DAY + 12 * HOUR;
  const visits = Array.from({ length: 20 }, (_, day) => fromElsewhere(start + day * DAY));
  const inEarnest = Array.from({ length: 30 }, (_, i) => fromElsewhere(start + 20 * DAY + i * MINUTE));
  const alerts = loudOn([...steadyFleet(20, 36), ...visits, ...inEarnest]);
  const openings = alerts.filter((a) => a.keywatch.incident?.state === 'open');
  expect(openings).toHaveLength(1);
  const late = alerts.filter((a) => Date.parse(a['@timestamp']) >= start + 20 * DAY);
  expect(
    late.flatMap((a) => a.keywatch.evidence).filter((e) => e.facet === 'actor' && Date.parse(e.since) === 0),
  ).toEqual([]);
});

test('a volume that grows by 1 % a day for 60 days is learned on the way and never alerted', () => {
  const owner = steadyFleet(20, 75).filter((e) => e.key !== 'k1');
  const growing: UsageEvent[] = [];
  for (let day = 0; day < 75; day++) {
    const perDay = Math.round(60 * 1.01 ** Math.max(0, day - 14));
    for (let i = 0; i < perDay; i++) {
      const ts = T0 + day * DAY + 8 * HOUR + Math.floor((i * 10 * HOUR) / perDay);
      growing.push(anEvent({ ts, key: 'k1', ip: '198.51.1.7', userAgent: 'client-1/1.1' }));
    }
  }
  expect(loudOn([...owner, ...growing])).toEqual([]);
});

test('the same volume in one step, by the owner’s own client, is seen on the day', () => {
  const events = steadyFleet(20, 20);
  const start = T0 + 16 * DAY + 10 * HOUR;
  const burst = Array.from({ length: 2_000 }, (_, i) =>
    anEvent({ ts: start + i * 1_000, key: 'k1', ip: '198.51.1.7', userAgent: 'client-1/1.1' }),
  );
  const alerts = loudOn([...events, ...burst]);
  expect(alerts.length).toBeGreaterThan(0);
  expect(Date.parse(alerts[0]['@timestamp']) - start).toBeLessThan(HOUR);
});
