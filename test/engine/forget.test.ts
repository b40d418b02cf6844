import { keyFacts } from '../../src/domain/inventory';
import type { Engine, LogEntry } from '../../src/engine';
import { declaring } from '../support/declared';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const KEY = 'k_forget-me-7';
const past = steadyFleet(8, 10, 20 * MINUTE).map((event) => (event.key === 'k1' ? { ...event, key: KEY } : event));
const at = T0 + 10 * DAY + 9 * HOUR;
const forget: LogEntry = { kind: 'command', command: { type: 'forget', key: KEY, by: 'ops', force: false } };

const stranger = (key: string, from: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    anEvent({ ts: from + i * MINUTE, key, ip: '177.71.128.9', country: 'BR', userAgent: 'curl/8.5' }),
  );

function feed(engine: Engine, events: readonly ReturnType<typeof anEvent>[]) {
  const entries = entriesOf(events, engine.next);
  return engine.advance(entries, { next: engine.next + events.length, cursor: '' }).alerts;
}
const has = (engine: Engine) => Buffer.from(engine.checkpoint()).includes(KEY);

/** A key with a past, an open incident, a declaration and a muted facet. */
function full() {
  const engine = testEngine();
  feed(engine, past);
  expect(feed(engine, stranger(KEY, at, 5)).length).toBeGreaterThan(0);
  engine.advance([
    { kind: 'command', command: { type: 'expect', key: KEY, facets: ['volume'], until: at + DAY, by: 'ops' } },
    { kind: 'command', command: { type: 'mute', key: KEY, facet: 'errors', until: at + DAY, by: 'ops' } },
  ]);
  return engine;
}

test('nothing of the key is in the state any more', () => {
  const engine = full();
  const keys = engine.keys;
  // It waits for others to bear its time out.
  const [early] = entriesOf(stranger(KEY, at + 30 * DAY, 1), engine.next);
  engine.advance([{ ...early, timestamp: undefined } as LogEntry], { next: engine.next + 1, cursor: '' });
  expect(has(engine)).toBe(true);
  expect(engine.openIncidents).toBe(1);
  engine.advance([forget]);
  expect(has(engine)).toBe(false);
  expect(engine.openIncidents).toBe(0);
  expect([engine.keys, engine.has(KEY)]).toEqual([keys - 1, false]);
  // One who has nothing left to forget changes nothing, wherever the command is taken once more.
  const bytes = engine.checkpoint();
  engine.advance([forget]);
  expect(Buffer.from(engine.checkpoint()).equals(Buffer.from(bytes))).toBe(true);
  engine.advance([{ kind: 'tick', ts: at + DAY }]);
  expect(has(engine)).toBe(false);
});

test('the others are judged as before', () => {
  const kept = full();
  const engine = full();
  engine.advance([forget]);
  const others = (alerts: ReturnType<typeof feed>) => alerts.map(({ user, event }) => [user?.id, event.reason]);
  const told = others(feed(engine, stranger('k2', at + HOUR, 5)));
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(others(feed(kept, stranger('k2', at + HOUR, 5))));
});

test('a key that comes back begins anew, also in a network that it knew', () => {
  const engine = full();
  engine.advance([forget]);
  feed(
    engine,
    past
      .filter(({ key, ts }) => key === KEY && ts < T0 + DAY)
      .map((event) => ({ ...event, ts: event.ts + 10 * DAY + 10 * HOUR })),
  );
  const [alert] = feed(engine, stranger(KEY, at + DAY + 2 * HOUR, 5));
  if (alert !== undefined) expect(alert.keywatch.confidence).toBeLessThan(0.3);
  expect(engine.has(KEY)).toBe(true);
});

test('its successor keeps the past that it inherited', () => {
  const engine = testEngine();
  engine.advance([declaring(keyFacts.parse({ key: 'k1-new', predecessor: KEY }))]);
  feed(engine, past);
  feed(engine, [anEvent({ ts: at, key: 'k1-new', ip: '198.51.1.7', userAgent: 'client-1/1.1' })]);
  engine.advance([forget]);
  const [alert] = feed(engine, stranger('k1-new', at + HOUR, 5));
  expect(alert.keywatch.confidence).toBeGreaterThan(0.7);
});

test('a restored state goes on like the one that was not: free rows are taken in the same order', () => {
  const live = full();
  live.advance([forget, { kind: 'command', command: { type: 'forget', key: 'k3', by: 'ops', force: false } }]);
  const restored = testEngine();
  restored.restore(live.checkpoint());
  for (const engine of [live, restored]) {
    feed(engine, stranger('k3', at + HOUR, 2));
    feed(engine, stranger('n1', at + HOUR, 2));
    feed(engine, stranger('n2', at + HOUR, 2));
  }
  expect(Buffer.from(restored.checkpoint()).equals(Buffer.from(live.checkpoint()))).toBe(true);
  // Two rows became free and two of the three took them.
  expect(live.keys).toBe(9);
  expect(live.sampleKeys(20)).toHaveLength(9);
});
