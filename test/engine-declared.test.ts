import { keyFacts } from '../src/domain/inventory';
import type { Engine, LogEntry } from '../src/engine';
import { declaring } from './support/declared';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from './support/events';

const past = steadyFleet(8, 10, 20 * MINUTE);
const at = T0 + 10 * DAY + 9 * HOUR;

/** Requests of a client that no key has shown, every minute. */
const stranger = (key: string, from: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    anEvent({ ts: from + i * MINUTE, key, ip: '177.71.128.9', country: 'BR', userAgent: 'curl/8.5' }),
  );
const owner = (key: string, like: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    anEvent({ ts: from + i * MINUTE, key, ip: `198.51.${like}.7`, userAgent: `client-${like % 5}/1.${like % 3}` }),
  );

let offset = 0;
function feed(engine: Engine, events: ReturnType<typeof stranger>) {
  const entries = entriesOf(events, offset);
  offset += events.length;
  const last = events[events.length - 1].ts;
  return engine.advance([...entries, { kind: 'tick', ts: last + 20 * MINUTE }]).alerts;
}
const alertsOf = (alerts: ReturnType<typeof feed>, key: string) =>
  alerts.filter(({ user, event }) => user?.id === key && event.kind === 'alert');

beforeEach(() => {
  offset = 0;
});

describe('a key that replaces another', () => {
  const successor = keyFacts.parse({ key: 'k1-new', predecessor: 'k1' });

  test('starts with that one’s past: its clients are known, strangers are as odd as before', () => {
    const engine = testEngine();
    engine.advance([declaring(successor)]);
    feed(engine, past);
    expect(alertsOf(feed(engine, owner('k1-new', 1, at, 30)), 'k1-new')).toEqual([]);
    const [alert] = alertsOf(feed(engine, stranger('k1-new', at + HOUR, 5)), 'k1-new');
    expect(alert.event.risk_score).toBeGreaterThan(60);
    expect(alert.keywatch.confidence).toBeGreaterThan(0.7);
  });

  test('without the declaration nobody knows it', () => {
    const engine = testEngine();
    feed(engine, past);
    feed(engine, owner('k1-new', 1, at, 30));
    const alerts = alertsOf(feed(engine, stranger('k1-new', at + HOUR, 5)), 'k1-new');
    for (const alert of alerts) expect(alert.keywatch.confidence).toBeLessThan(0.3);
  });

  test('may be declared when it is in use already, as long as it is young', () => {
    const engine = testEngine();
    feed(engine, past);
    feed(engine, owner('k1-new', 1, at, 30));
    engine.advance([declaring(successor)]);
    const [alert] = alertsOf(feed(engine, stranger('k1-new', at + HOUR, 5)), 'k1-new');
    expect(alert.keywatch.confidence).toBeGreaterThan(0.7);
  });

  test('keeps its own past when it has one', () => {
    const engine = testEngine();
    feed(engine, past);
    engine.advance([declaring(keyFacts.parse({ key: 'k2', predecessor: 'k1' }))]);
    expect(alertsOf(feed(engine, owner('k2', 2, at, 5)), 'k2')).toEqual([]);
    expect(alertsOf(feed(engine, stranger('k2', at + HOUR, 5)), 'k2')).not.toEqual([]);
  });

  test('what one learns while both are in use is known to both', () => {
    const engine = testEngine();
    engine.advance([declaring(successor)]);
    feed(engine, past);
    feed(engine, owner('k1-new', 1, at, 5));
    // A second home of the old key, met while it is expected.
    engine.advance([
      {
        kind: 'command',
        command: { type: 'expect', key: 'k1', facets: ['actor', 'geography', 'client'], until: at + DAY, by: 'ops' },
      },
    ]);
    feed(engine, stranger('k1', at + HOUR, 50));
    expect(alertsOf(feed(engine, stranger('k1-new', at + 3 * HOUR, 5)), 'k1-new')).toEqual([]);
  });
});

describe('an expected change', () => {
  const expectation = { key: 'k1', facets: ['actor', 'geography', 'client'] as const, until: at + DAY, by: 'ops' };
  const expect1: LogEntry = {
    kind: 'command',
    command: { type: 'expect', ...expectation, facets: [...expectation.facets] },
  };

  test('is not alerted and is learned: afterwards the new client is the key’s own', () => {
    const engine = testEngine();
    feed(engine, past);
    engine.advance([expect1]);
    expect(alertsOf(feed(engine, stranger('k1', at, 60)), 'k1')).toEqual([]);
    expect(alertsOf(feed(engine, stranger('k1', at + 2 * DAY, 5)), 'k1')).toEqual([]);
  });

  test('without it the same client is alerted, both times', () => {
    const engine = testEngine();
    feed(engine, past);
    expect(alertsOf(feed(engine, stranger('k1', at, 60)), 'k1')).not.toEqual([]);
  });

  test('holds for its key and until its end', () => {
    const engine = testEngine();
    feed(engine, past);
    engine.advance([expect1]);
    expect(alertsOf(feed(engine, stranger('k2', at, 5)), 'k2')).not.toEqual([]);
    expect(alertsOf(feed(engine, stranger('k1', at + DAY + HOUR, 5)), 'k1')).not.toEqual([]);
  });

  test('does not make strangers usual: the next one is as odd as without it', () => {
    const another = (from: number) =>
      stranger('k1', from, 5).map((event) => ({ ...event, ip: '41.0.3.9', country: 'ZA', userAgent: 'wget/1.2' }));
    const risk = (expected: boolean) => {
      offset = 0;
      const engine = testEngine();
      feed(engine, past);
      if (expected) {
        engine.advance([expect1]);
        feed(engine, stranger('k1', at, 60));
      }
      return alertsOf(feed(engine, another(at + 2 * DAY)), 'k1')[0].event.risk_score;
    };
    expect(Math.abs(risk(true) - risk(false))).toBeLessThan(3);
  });

  test('does not lift a declared limit', () => {
    const engine = testEngine();
    engine.advance([declaring(keyFacts.parse({ key: 'k1', countries: ['DE'] }))]);
    feed(engine, past);
    engine.advance([expect1]);
    const [alert] = alertsOf(feed(engine, stranger('k1', at, 5)), 'k1');
    expect(alert.keywatch.evidence.map(({ detector }) => detector)).toEqual(['limits']);
  });
});

test('inventory and expectations are in the checkpoint; the same state bytes come out', () => {
  const inventory = declaring(keyFacts.parse({ key: 'k1', countries: ['DE'] }));
  const expected: LogEntry = {
    kind: 'command',
    command: { type: 'expect', key: 'k2', facets: ['actor', 'geography', 'client'], until: at + DAY, by: 'ops' },
  };
  const whole = testEngine();
  whole.advance([inventory]);
  feed(whole, past);
  whole.advance([expected]);
  const halfway = testEngine();
  halfway.restore(whole.checkpoint());
  if (inventory.kind !== 'inventory') throw new Error('unreachable');
  expect(halfway.inventoryDigest).toBe(inventory.inventory.digest);
  halfway.use(inventory.inventory);
  const before = offset;
  const rest = [...stranger('k1', at, 5), ...stranger('k2', at, 5)];
  const one = feed(whole, rest);
  offset = before;
  const two = feed(halfway, rest);
  expect(two).toEqual(one);
  expect(alertsOf(one, 'k1')).not.toEqual([]);
  expect(alertsOf(one, 'k2')).toEqual([]);
  expect(Buffer.from(halfway.checkpoint()).equals(Buffer.from(whole.checkpoint()))).toBe(true);
});
