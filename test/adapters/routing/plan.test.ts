import fc from 'fast-check';
import {
  emptyRoutingState,
  nextDue,
  plan,
  type Routing,
  type RoutingRules,
  routingState,
} from '../../../src/adapters/routing/plan';
import type { Maintenance } from '../../../src/adapters/routing/windows';
import { type AlertDocument, alertDocument as schema } from '../../../src/domain/alert';
import { alertDocument } from '../../support/alerts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 2, 1, 10);
const all: Routing = { record: false, minSeverity: 'low', kinds: ['alert', 'update', 'notice'] };
const never: Maintenance = () => undefined;
const incident = { id: 'i', state: 'open', requests: 1 } as const;
const rules = (over: Partial<RoutingRules> = {}): RoutingRules => ({
  ...all,
  output: 'console',
  maintenance: never,
  ...over,
});
const limit = (documents: number, exempt: 'critical' | 'none' = 'critical') => ({
  rateLimit: { documents, window: HOUR, exempt },
});

const anAlert = (
  i: number,
  over: { key?: string; severity?: 21 | 47 | 73 | 99; kind?: 'alert' | 'event' } = {},
): AlertDocument => {
  const { key = `key-${i}`, severity = 47, kind = 'alert' } = over;
  const document = alertDocument({
    id: `d${i}`,
    severity,
    kind,
    user: { id: key, name: `name of ${key}` },
    keywatch: { incident },
  });
  return { ...document, '@timestamp': new Date(NOW + i * 60_000).toISOString() };
};
const ids = (documents: readonly AlertDocument[]) => documents.map((document) => document.event.id);
const some = (n: number, from = 0) => Array.from({ length: n }, (_, i) => anAlert(from + i));

describe('what an output wants', () => {
  const notice = alertDocument({ id: 'notice', kind: 'event', severity: 99, user: undefined });
  const documents = [
    anAlert(0, { severity: 21 }),
    anAlert(1, { severity: 73, kind: 'event' }),
    anAlert(2, { severity: 73 }),
    notice,
  ];
  test.each([
    [{}, ['d0', 'd1', 'd2', 'notice']],
    [{ minSeverity: 'high' as const }, ['d1', 'd2', 'notice']],
    [{ kinds: ['alert' as const] }, ['d0', 'd2']],
    [{ kinds: ['notice' as const, 'update' as const] }, ['d1', 'notice']],
    [{ minSeverity: 'critical' as const, kinds: ['alert' as const] }, []],
  ])('%j', (over, wanted) => {
    const { out, next } = plan(emptyRoutingState, documents, NOW, rules(over));
    expect(ids(out)).toEqual(wanted);
    expect(next).toBe(emptyRoutingState);
  });
});

describe('rate limit', () => {
  test('so many pass; the rest is one summary at the end of the window, with the facts', () => {
    const limited = rules(limit(3));
    const first = plan(emptyRoutingState, some(5), NOW + 1, limited);
    expect(ids(first.out)).toEqual(['d0', 'd1', 'd2']);
    expect(nextDue(first.next)).toBe(NOW + HOUR);
    const second = plan(first.next, [anAlert(5, { key: 'key-4', severity: 73 })], NOW + HOUR - 1, limited);
    expect(second.out).toEqual([]);
    const third = plan(second.next, [], NOW + HOUR, limited);
    expect(third.out).toHaveLength(1);
    expect(third.out[0]).toMatchObject({
      '@timestamp': '2026-03-01T11:00:00.000Z',
      message: 'Documents held back',
      event: {
        kind: 'alert',
        action: 'documents-held-back',
        severity: 73,
        start: '2026-03-01T10:03:00.000Z',
        end: '2026-03-01T10:05:00.000Z',
        reason:
          '3 documents of 2 keys were held back by the limit of 3 in 1h, from 2026-03-01T10:03Z to 2026-03-01T10:05Z; worst: name of key-4 (high), name of key-3 (medium).',
      },
      related: { user: ['key-4', 'key-3'] },
      keywatch: { held_back: { by: 'rate-limit', documents: 3, keys: 2 } },
    });
    expect(schema.parse(third.out[0])).toEqual(third.out[0]);
    expect(nextDue(third.next)).toBeUndefined();
    expect(ids(plan(third.next, some(4, 10), NOW + HOUR, limited).out)).toEqual(['d10', 'd11', 'd12']);
  });

  test('a summary goes before the first documents of the next window, and is the same in every run', () => {
    const limited = rules(limit(1));
    const run = () =>
      plan(plan(emptyRoutingState, some(3), NOW, limited).next, some(1, 9), NOW + 5 * HOUR, limited).out;
    expect(run()[0].keywatch.held_back?.documents).toBe(2);
    expect(run()[1].event.id).toBe('d9');
    expect(run()).toEqual(run());
    const elsewhere = plan(plan(emptyRoutingState, some(3), NOW, limited).next, [], NOW + HOUR, {
      ...limited,
      output: 'chat',
    });
    expect(elsewhere.out[0].event.id).not.toBe(run()[0].event.id);
  });

  test('critical documents pass, whatever their number, unless none may', () => {
    const documents = [...some(2), anAlert(2, { severity: 99 }), anAlert(3, { severity: 99 })];
    expect(ids(plan(emptyRoutingState, documents, NOW, rules(limit(1))).out)).toEqual(['d0', 'd2', 'd3']);
    expect(ids(plan(emptyRoutingState, documents, NOW, rules(limit(1, 'none'))).out)).toEqual(['d0']);
  });

  test('updates alone make a summary that is no alert', () => {
    const limited = rules(limit(1));
    const documents = [anAlert(0), anAlert(1, { kind: 'event' })];
    const { next } = plan(emptyRoutingState, documents, NOW, limited);
    expect(plan(next, [], NOW + HOUR, limited).out[0].event.kind).toBe('event');
  });

  test('what a crash brings again is decided as before and counted once', () => {
    const limited = rules(limit(2));
    const first = plan(emptyRoutingState, some(4), NOW, limited);
    const again = plan(first.next, some(6), NOW + 1, limited);
    expect(ids(again.out)).toEqual(['d0', 'd1']);
    expect(plan(again.next, [], NOW + HOUR, limited).out[0].keywatch.held_back?.documents).toBe(4);
  });

  test('a clock that was set back begins no window anew', () => {
    const limited = rules(limit(2));
    const { next } = plan(emptyRoutingState, some(2), NOW, limited);
    expect(plan(next, some(1, 5), NOW - HOUR, limited).out).toEqual([]);
  });

  test('a clock that had run far ahead and is set right holds nothing back, and what it held back is told', () => {
    const limited = rules(limit(2));
    const { next } = plan(emptyRoutingState, some(3), NOW + 400 * 24 * HOUR, limited);
    const { out } = plan(next, some(2, 5), NOW, limited);
    expect(out[0].keywatch.held_back?.documents).toBe(1);
    expect(ids(out.slice(1))).toEqual(['d5', 'd6']);
  });

  test('of many keys it tells two hundred apart', () => {
    const limited = rules(limit(1));
    const { next } = plan(emptyRoutingState, some(900), NOW, limited);
    expect(routingState.parse(next)).toEqual(next);
    const [summary] = plan(next, [], NOW + HOUR, limited).out;
    expect(summary.event.reason).toMatch(/^899 documents of at least 200 keys were .* and 195 more\.$/);
    expect(summary.related?.user).toHaveLength(10);
  });

  test('property: every document is written once or counted once, however writes are cut and fail', () => {
    const step = fc.record({
      documents: fc.integer({ min: 0, max: 20 }),
      wait: fc.integer({ min: 0, max: HOUR }),
      fails: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.integer({ min: 1, max: 8 }), (steps, most) => {
        const limited = rules(limit(most, 'none'));
        let state = emptyRoutingState;
        let now = NOW;
        let given = 0;
        const written: AlertDocument[] = [];
        for (const { documents, wait, fails } of steps) {
          now += wait;
          const batch = some(documents, given);
          // A failed attempt leaves no trace.
          if (fails) plan(state, batch, now, limited);
          const { out, next } = plan(state, batch, now, limited);
          written.push(...out);
          state = next;
          given += documents;
        }
        written.push(...plan(state, [], now + HOUR, limited).out);
        const held = written.reduce((sum, { keywatch }) => sum + (keywatch.held_back?.documents ?? 0), 0);
        const plain = written.filter(({ keywatch }) => keywatch.held_back === undefined);
        expect(new Set(ids(written)).size).toBe(written.length);
        expect(plain.length + held).toBe(given);
      }),
    );
  });
});

describe('maintenance', () => {
  const END = NOW + 2 * HOUR;
  const window: Maintenance = (document) =>
    document.user?.id === 'key-1' ? { name: 'load-test', end: END } : undefined;
  const documents = [anAlert(0), anAlert(1, { severity: 99 }), anAlert(2, { key: 'key-1', kind: 'event' })];

  test('a notification does not get what is muted', () => {
    expect(ids(plan(emptyRoutingState, documents, NOW, rules({ maintenance: window })).out)).toEqual(['d0']);
  });

  test('a record gets all of it; an alert as an event that names the window, else unchanged', () => {
    const { out } = plan(emptyRoutingState, documents, NOW, rules({ maintenance: window, record: true }));
    expect(ids(out)).toEqual(['d0', 'd1', 'd2']);
    expect(out[0]).toEqual(documents[0]);
    expect(out[1]).toEqual({
      ...documents[1],
      event: { ...documents[1].event, kind: 'event' },
      keywatch: { ...documents[1].keywatch, muted: 'load-test' },
    });
    for (const document of out) expect(schema.parse(document)).toEqual(document);
  });

  test.each([true, false])('when it is over one summary says so aloud (record: %s)', (record) => {
    const muting = rules({ maintenance: window, record });
    const { next } = plan(emptyRoutingState, documents, NOW, muting);
    expect(nextDue(next)).toBe(END);
    const [summary, ...more] = plan(next, [], END, muting).out;
    expect(more).toEqual([]);
    expect(summary).toMatchObject({
      message: 'Alerts muted by maintenance',
      event: {
        kind: 'alert',
        action: 'alerts-muted',
        severity: 99,
        reason:
          '2 documents of 1 key were muted by the maintenance window load-test; 1 alert among them, from 2026-03-01T10:01Z to 2026-03-01T10:02Z; worst: name of key-1 (critical).',
      },
      keywatch: { held_back: { by: 'maintenance', window: 'load-test', documents: 2, keys: 1 } },
    });
    expect(schema.parse(summary)).toEqual(summary);
  });

  test('updates alone make no summary; what was muted for another output’s eyes does not count', () => {
    const muting = rules({ maintenance: window });
    const { next } = plan(emptyRoutingState, [documents[2]], NOW, muting);
    expect(plan(next, [], END, muting)).toMatchObject({ out: [], next: { tallies: [] } });
    const alertsOnly = rules({ maintenance: window, kinds: ['notice'] });
    expect(plan(emptyRoutingState, documents, NOW, alertsOnly).next).toBe(emptyRoutingState);
  });

  test('what comes after the end waits a quarter of an hour for its like', () => {
    const muting = rules({ maintenance: window });
    const { next } = plan(emptyRoutingState, documents, END + HOUR, muting);
    expect(nextDue(next)).toBe(END + HOUR + 900_000);
  });

  test('what is muted does not use up a limit', () => {
    const muting = rules({ maintenance: window, ...limit(1) });
    expect(ids(plan(emptyRoutingState, [documents[1], documents[0]], NOW, muting).out)).toEqual(['d0']);
  });
});
