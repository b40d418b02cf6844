import fc from 'fast-check';
import { MOST_MUTED, type Mute, mutable } from '../../src/domain/command';
import { keyFacts } from '../../src/domain/inventory';
import type { Engine, LogEntry } from '../../src/engine';
import { Mutes } from '../../src/engine/mutes';
import { declaring } from '../support/declared';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const past = steadyFleet(8, 10, 20 * MINUTE);
const at = T0 + 10 * DAY + 9 * HOUR;
let offset = 0;
beforeEach(() => {
  offset = 0;
});

function feed(engine: Engine, events: ReturnType<typeof anEvent>[]) {
  const entries = entriesOf(events, offset);
  offset += events.length;
  return engine.advance([...entries, { kind: 'tick', ts: events[events.length - 1].ts + 15 * MINUTE }]);
}
const stranger = (from: number, over: Parameters<typeof anEvent>[0] = {}) =>
  Array.from({ length: 5 }, (_, i) =>
    anEvent({ ts: from + i * MINUTE, ip: '177.71.128.9', country: 'BR', userAgent: 'curl/8.5', ...over }),
  );
const muting = (...facets: Mute['facet'][]): LogEntry[] =>
  facets.map((facet) => ({
    kind: 'command',
    command: { type: 'mute', key: 'k1', facet, until: at + 7 * DAY, by: 'ada' },
  }));
const alerts = ({ alerts }: ReturnType<typeof feed>, key = 'k1') =>
  alerts.filter(({ user, event }) => user?.id === key && event.kind === 'alert');

function settled() {
  const engine = testEngine();
  feed(engine, past);
  return engine;
}

describe('a muted facet', () => {
  test('alone leads to no alert, teaches nothing, and is heard again when it is over', () => {
    const engine = settled();
    engine.advance(muting('actor', 'geography', 'client'));
    expect(alerts(feed(engine, stranger(at)))).toEqual([]);
    // Had the stranger been learned, its return would say nothing.
    engine.advance([
      { kind: 'command', command: { type: 'unmute', key: 'k1', facet: 'actor', by: 'bob' } },
      { kind: 'command', command: { type: 'unmute', key: 'k1', facet: 'geography', by: 'bob' } },
      { kind: 'command', command: { type: 'unmute', key: 'k1', facet: 'client', by: 'bob' } },
    ]);
    expect(alerts(feed(engine, stranger(at + HOUR)))).toHaveLength(1);
  });

  test('ends by itself', () => {
    const engine = settled();
    engine.advance(muting('actor', 'geography', 'client'));
    expect(alerts(feed(engine, stranger(at)))).toEqual([]);
    expect(alerts(feed(engine, stranger(at + 7 * DAY + HOUR)))).toHaveLength(1);
  });

  test('of one key says nothing of another', () => {
    const engine = settled();
    engine.advance(muting('actor', 'geography', 'client'));
    expect(alerts(feed(engine, stranger(at, { key: 'k2' })), 'k2')).toHaveLength(1);
  });

  test('is shown in the alert that others lead to, marked, and no part of its risk', () => {
    const loud = alerts(feed(settled(), stranger(at)))[0];
    const engine = settled();
    offset = past.length;
    engine.advance(muting('geography'));
    const alert = alerts(feed(engine, stranger(at)))[0];
    expect(alert.keywatch.mutes).toEqual([
      { facet: 'geography', until: new Date(at + 7 * DAY).toISOString(), by: 'ada' },
    ]);
    expect(alert.keywatch.evidence.filter(({ muted }) => muted).map(({ facet }) => facet)).toEqual(['geography']);
    expect(alert.keywatch.evidence.map(({ facet }) => facet).sort()).toEqual(
      loud.keywatch.evidence.map(({ facet }) => facet).sort(),
    );
    expect(alert.event.reason).not.toContain('Germany');
  });

  test('lowers the risk of an incident that people were told of, and asks for no suspension', () => {
    const engine = settled();
    const first = feed(engine, stranger(at));
    expect(first.requests).toHaveLength(1);
    engine.advance(muting('actor', 'geography', 'client'));
    const later = feed(engine, stranger(at + 2 * HOUR));
    expect([later.requests, alerts(later)]).toEqual([[], []]);
  });

  test('does not hide another, later actor whose oddity is of another kind', () => {
    const engine = settled();
    engine.advance(muting('geography', 'client', 'time'));
    expect(alerts(feed(engine, stranger(at, { ip: '8.8.8.8', country: 'US', userAgent: 'python/3' })))).toHaveLength(1);
  });

  test('leaves a broken rule of the same facet as it is', () => {
    const engine = testEngine();
    engine.advance([declaring(keyFacts.parse({ key: 'k1', countries: ['DE'] }))]);
    feed(engine, past);
    engine.advance(muting('actor', 'geography', 'client'));
    const [alert] = alerts(feed(engine, stranger(at)));
    expect(alert.keywatch.evidence.find(({ kind }) => kind === 'rule')).not.toHaveProperty('muted');
  });

  test('is part of the checkpoint', () => {
    const engine = settled();
    engine.advance(muting('actor', 'geography', 'client'));
    const other = testEngine();
    other.restore(engine.checkpoint());
    const from = offset;
    expect(alerts(feed(other, stranger(at)))).toEqual([]);
    offset = from;
    feed(engine, stranger(at));
    expect(Buffer.from(other.checkpoint()).equals(Buffer.from(engine.checkpoint()))).toBe(true);
  });
});

test('a key has no more than a few facets muted at once, whatever is asked in whatever order', () => {
  const asked = fc.record({
    key: fc.constantFrom('a', 'b'),
    facet: fc.constantFrom(...mutable),
    until: fc.integer({ min: 0, max: 100 }),
    off: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 60 }), fc.integer({ min: 0, max: 100 }), (all, now) => {
      const mutes = new Mutes();
      for (const { key, facet, until, off } of all) {
        if (off) mutes.unmute(key, facet);
        else mutes.mute({ key, facet, until, by: 'x' });
      }
      const copy = new Mutes();
      copy.import(mutes.export());
      for (const key of ['a', 'b']) {
        const held = mutes.of(key, now);
        expect(held.length).toBeLessThanOrEqual(MOST_MUTED);
        expect(new Set(held.map(({ facet }) => facet)).size).toBe(held.length);
        expect(held.every(({ until }) => now <= until)).toBe(true);
        expect(copy.of(key, now)).toEqual(held);
      }
    }),
  );
});

test('limits cannot be muted', () => {
  expect(mutable).not.toContain('limits');
});

test('beyond ten thousand the first are forgotten, never the newest', () => {
  const mutes = new Mutes();
  for (let i = 0; i < 10_050; i++) mutes.mute({ key: `k${i}`, facet: 'actor', until: 10, by: 'x' });
  expect(mutes.export()).toHaveLength(10_000);
  expect([mutes.of('k0', 1).length, mutes.of('k10049', 1).length]).toEqual([0, 1]);
});
