import { alertDocument } from '../../src/domain/alert';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const past = steadyFleet(6, 10, 20 * MINUTE);
const at = T0 + 10 * DAY + 9 * HOUR;
const stranger = Array.from({ length: 5 }, (_, i) =>
  anEvent({ ts: at + i * MINUTE, ip: '177.71.128.9', country: 'BR', userAgent: 'curl/8.5' }),
);

function alertAfter(events: typeof past, engine = testEngine()) {
  engine.advance(entriesOf(events));
  const { alerts } = engine.advance([...entriesOf(stranger, events.length), { kind: 'tick', ts: at + HOUR }]);
  return alerts.find(({ user, event }) => user?.id === 'k1' && event.kind === 'alert');
}

test('an alert says what this key’s past looks like, before the event that led to it', () => {
  const alert = alertAfter(past)!;
  const own = past.filter(({ key }) => key === 'k1');
  expect(alert.keywatch.baseline).toEqual({
    since: new Date(Math.floor(own[0].ts / 1000) * 1000).toISOString(),
    active_days: 10,
    events: own.length,
    known: { actors: 1, networks: 1, countries: 1, clients: 1 },
    usual_countries: ['DE'],
    usual_hours: ['08:00-18:00'],
    requests_per_day: { usual: own.length / 10, most: own.length / 10 },
    confidence: expect.any(Number),
  });
  expect(alert.keywatch.baseline!.confidence).toBeGreaterThan(0.9);
  expect(alertDocument.parse(alert)).toEqual(alert);
});

test('counts what a key has brought, the most used country first', () => {
  const second = past
    .filter(({ key, ts }) => key === 'k1' && ts > T0 + 5 * DAY)
    .flatMap((event, i) => [
      { ...event, ts: event.ts + 1, ip: '192.0.2.9', country: 'FR' },
      ...(i % 2 === 0 ? [{ ...event, ts: event.ts + 2, ip: '192.0.2.9', country: 'FR', userAgent: 'okhttp/4.9' }] : []),
      { ...event, ts: event.ts + 3, ip: '192.0.2.9', country: 'FR' },
    ]);
  const expectAll = {
    kind: 'command' as const,
    command: {
      type: 'expect' as const,
      key: 'k1',
      facets: ['actor' as const, 'geography' as const, 'client' as const, 'volume' as const],
      until: at - HOUR,
      by: 'ops',
    },
  };
  const engine = testEngine();
  engine.advance([expectAll]);
  const events = [...past, ...second].sort((a, b) => a.ts - b.ts);
  const alert = alertAfter(events, engine);
  expect(alert?.keywatch.baseline).toMatchObject({
    known: { actors: 3, networks: 2, countries: 2, clients: 2 },
    usual_countries: ['FR', 'DE'],
  });
});

test('without the detectors that keep them, hours and volume are left out; the rest is told', () => {
  const { detectors } = jest.requireActual<typeof import('../../src/detect/registry')>('../../src/detect/registry');
  const few = detectors.filter(({ name }) => name !== 'hours' && name !== 'volume');
  const alert = alertAfter(past, testEngine({ detectors: few }))!;
  expect(alert.keywatch.baseline).toMatchObject({ active_days: 10, usual_hours: [] });
  expect(alert.keywatch.baseline).not.toHaveProperty('requests_per_day');
});

test('the summary comes out of a checkpoint as it went in', () => {
  const whole = testEngine();
  const alert = alertAfter(past, whole);
  const before = testEngine();
  before.advance(entriesOf(past));
  const after = testEngine();
  after.restore(before.checkpoint());
  const { alerts } = after.advance(entriesOf(stranger, past.length));
  expect(alerts.find(({ user }) => user?.id === 'k1')).toEqual(alert);
});
