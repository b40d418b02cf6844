import { anEvent, DAY, entriesOf, HOUR, steadyFleet, T0, testEngine } from '../support/events';

test('a key that calls ever new routes does not make the owners of other keys strangers to them', () => {
  const flood = Array.from({ length: 100_000 }, (_, i) =>
    anEvent({
      ts: T0 + 20 * DAY + 19 * HOUR + i * 100,
      key: 'k1',
      ip: '198.51.1.7',
      userAgent: 'client-1/1.1',
      route: `/r/${i}`,
      status: 404,
    }),
  );
  const events = [...steadyFleet(40, 22), ...flood].sort((a, b) => a.ts - b.ts);
  const { alerts } = testEngine().advance(entriesOf(events), { next: events.length, cursor: '' });
  expect([...new Set(alerts.map((a) => a.user?.id))].filter((key) => key !== 'k1')).toEqual([]);
});
