import fc from 'fast-check';
import { alertDocument } from '../src/domain/alert';
import type { LogEntry } from '../src/engine';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from './support/events';

/** Three weeks of four steady keys; in the last days `k1` is also used from elsewhere by another client. */
function scenario() {
  const thief = Array.from({ length: 40 }, (_, i) =>
    anEvent({
      ts: T0 + 18 * DAY + 3 * HOUR + i * MINUTE,
      key: 'k1',
      ip: '203.0.113.50',
      country: 'BR',
      userAgent: 'python-requests/2.31',
      route: '/v1/exports',
    }),
  );
  return [...steadyFleet(4, 21), ...thief].sort((a, b) => a.ts - b.ts);
}

function runWhole(entries: readonly LogEntry[]) {
  const engine = testEngine();
  const { alerts, requests } = engine.advance(entries, { next: entries.length, cursor: 'end' });
  return { alerts, requests, bytes: Buffer.from(engine.checkpoint()) };
}

test('a theft is alerted at its first request, once, and asks for one suspension with several signs', () => {
  const { alerts, requests } = runWhole(entriesOf(scenario()));
  const loud = alerts.filter((a) => a.keywatch.incident?.state === 'open');
  expect(loud).toHaveLength(1);
  expect(loud[0].event.kind).toBe('alert');
  expect(loud[0].user?.id).toBe('k1');
  expect(loud[0]['@timestamp']).toBe(new Date(T0 + 18 * DAY + 3 * HOUR).toISOString());
  expect(loud[0].keywatch.evidence.map((e) => e.facet)).toEqual(expect.arrayContaining(['geography', 'client']));
  const place = loud[0].keywatch.evidence.find((e) => e.facet === 'geography');
  expect(place?.saw).toContain('Brazil (BR)');
  expect(place?.expected).toMatch(/^Germany \(DE\) in [\d,]+ of [\d,]+ requests/);
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({ key: 'k1', action: 'suspend', decidedAt: T0 + 18 * DAY + 3 * HOUR });
});

test('every document keeps to the published schema', () => {
  const { alerts } = runWhole(entriesOf(scenario()));
  expect(alerts.length).toBeGreaterThan(1);
  for (const document of alerts) expect(alertDocument.strict().parse(document)).toEqual(document);
});

test('the incident is closed once it has been idle, quietly', () => {
  const { alerts } = runWhole(entriesOf(scenario()));
  const last = alerts[alerts.length - 1];
  expect(last.keywatch.incident?.state).toBe('closed');
  expect(last.event.kind).toBe('event');
  expect(new Set(alerts.map((a) => a.event.id)).size).toBe(alerts.length);
  expect(new Set(alerts.map((a) => a.keywatch.incident?.id)).size).toBe(1);
});

test('law: however the log is cut into calls, the same alerts, requests and state bytes come out', () => {
  const entries = entriesOf(scenario());
  const whole = runWhole(entries);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 5, maxLength: 40 }), (cuts) => {
      const engine = testEngine();
      const alerts = [];
      const requests = [];
      for (let at = 0, i = 0; at < entries.length; i++) {
        const end = Math.min(entries.length, at + cuts[i % cuts.length]);
        const out = engine.advance(entries.slice(at, end), { next: end, cursor: 'end' });
        alerts.push(...out.alerts);
        requests.push(...out.requests);
        at = end;
      }
      expect(alerts).toEqual(whole.alerts);
      expect(requests).toEqual(whole.requests);
      expect(Buffer.from(engine.checkpoint()).equals(whole.bytes)).toBe(true);
    }),
    { numRuns: 15 },
  );
});

test('law: a checkpoint at any place and a restart from it change nothing', () => {
  const entries = entriesOf(scenario());
  const whole = runWhole(entries);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: entries.length - 1 }), (cut) => {
      const first = testEngine();
      const before = first.advance(entries.slice(0, cut), { next: cut, cursor: 'cut' });
      const second = testEngine();
      expect(second.restore(first.checkpoint())).toEqual([]);
      expect([second.next, second.cursor]).toEqual([cut, 'cut']);
      const after = second.advance(entries, { next: entries.length, cursor: 'end' });
      expect([...before.alerts, ...after.alerts]).toEqual(whole.alerts);
      expect([...before.requests, ...after.requests]).toEqual(whole.requests);
      expect(Buffer.from(second.checkpoint()).equals(whole.bytes)).toBe(true);
    }),
    { numRuns: 15 },
  );
});

test('records below the next place are ignored, so a redelivery counts nothing twice', () => {
  const entries = entriesOf(scenario());
  const once = runWhole(entries);
  const engine = testEngine();
  engine.advance(entries.slice(0, 500), { next: 500, cursor: '' });
  const again = engine.advance(entries.slice(300, 500), { next: 500, cursor: '' });
  expect(again.events).toBe(0);
  const rest = engine.advance(entries.slice(400), { next: entries.length, cursor: 'end' });
  expect(rest.requests).toEqual(once.requests);
  expect(Buffer.from(engine.checkpoint()).equals(once.bytes)).toBe(true);
});

test('a suspect actor teaches nothing: days later it is still a stranger, while the owner goes on being learned', () => {
  const engine = testEngine();
  const daily = Array.from({ length: 5 }, (_, day) =>
    Array.from({ length: 30 }, (_, i) =>
      anEvent({
        ts: T0 + (16 + day) * DAY + i * MINUTE,
        key: 'k1',
        ip: '203.0.113.50',
        country: 'BR',
        userAgent: 'x/1',
      }),
    ),
  ).flat();
  const events = [...steadyFleet(4, 21), ...daily].sort((a, b) => a.ts - b.ts);
  const { alerts } = engine.advance(entriesOf(events));
  const openings = alerts.filter((a) => a.keywatch.incident?.state === 'open');
  expect(openings).toHaveLength(1);
  const loudAfterFirstDay = alerts.filter(
    (a) => a.event.kind === 'alert' && Date.parse(a['@timestamp']) > T0 + 17 * DAY,
  );
  expect(loudAfterFirstDay).toEqual([]);
  const before = engine.advance(
    entriesOf(
      [
        anEvent({ ts: T0 + 22 * DAY, key: 'k1', ip: '203.0.113.51', country: 'BR', userAgent: 'x/1' }),
        anEvent({ ts: T0 + 22 * DAY + 1, key: 'k1', ip: '198.51.1.7', userAgent: 'client-1/1.1' }),
      ],
      events.length,
    ),
  );
  expect(before.alerts.map((a) => a.related?.ip?.includes('203.0.113.51'))).toEqual([true]);
});

test('a different newcomer is heard while an incident is open', () => {
  const events = [
    ...steadyFleet(4, 15),
    anEvent({ ts: T0 + 15 * DAY, key: 'k1', ip: '203.0.113.50', country: 'BR', userAgent: 'x/1' }),
    anEvent({ ts: T0 + 15 * DAY + HOUR, key: 'k1', ip: '192.0.2.50', country: 'VN', userAgent: 'y/1' }),
  ];
  const { alerts } = testEngine().advance(entriesOf(events));
  const loud = alerts.filter((a) => a.event.kind === 'alert');
  expect(loud).toHaveLength(2);
  expect(new Set(loud.map((a) => a.keywatch.incident?.id)).size).toBe(2);
});

test('denials that a delivered suspension explains are neither judged nor learned; those of one only asked for are', () => {
  const theft = anEvent({ ts: T0 + 15 * DAY, key: 'k1', ip: '203.0.113.50', country: 'BR', userAgent: 'x/1' });
  const denied = Array.from({ length: 200 }, (_, i) =>
    anEvent({
      ts: T0 + 15 * DAY + MINUTE + i * 1_000,
      key: 'k1',
      ip: '198.51.1.7',
      userAgent: 'client-1/1.1',
      status: 403,
    }),
  );
  const judged = (delivered: boolean) => {
    const engine = testEngine();
    const { requests } = engine.advance(entriesOf([...steadyFleet(4, 15), theft]));
    expect(requests).toHaveLength(1);
    const { id: requestId, key, incidentId, action } = requests[0];
    const at = T0 + 15 * DAY;
    const note = { key, requestId, action, incidentId, state: 'delivered' as const, at, until: at + HOUR };
    if (delivered) engine.advance([{ kind: 'command', command: { type: 'outcome', ...note } }]);
    const { alerts } = engine.advance(
      denied.map((event, i) => ({ kind: 'event', offset: 1e9 + i, event, timestamp: undefined })),
    );
    return alerts.flatMap((a) => a.keywatch.evidence).filter((e) => e.facet === 'auth');
  };
  expect(judged(true)).toEqual([]);
  expect(judged(false)).not.toEqual([]);
});

test('an outage for everyone raises no alert on any key, and one notice of traffic', () => {
  const calm = steadyFleet(30, 15);
  const from = T0 + 12 * DAY + 9 * HOUR;
  const outage = calm.map((e) => (e.ts >= from && e.ts < from + 3 * HOUR ? { ...e, status: 503 } : e));
  const { alerts, requests } = testEngine().advance(entriesOf(outage));
  expect(alerts.map((a) => [a.event.action, a.event.kind, a.user])).toEqual([['traffic-unusual', 'event', undefined]]);
  for (const document of alerts) expect(alertDocument.strict().parse(document)).toEqual(document);
  expect(requests).toEqual([]);
});

test('a young key alerts with low confidence and never asks for a suspension', () => {
  const young = Array.from({ length: 40 }, (_, i) => anEvent({ ts: T0 + 15 * DAY + i * MINUTE, key: 'young' }));
  const thief = anEvent({
    ts: T0 + 15 * DAY + 2 * HOUR,
    key: 'young',
    ip: '203.0.113.50',
    country: 'BR',
    userAgent: 'x/1',
  });
  const { alerts, requests } = testEngine().advance(entriesOf([...steadyFleet(20, 15), ...young, thief]));
  expect(requests).toEqual([]);
  for (const alert of alerts) expect(alert.keywatch.confidence).toBeLessThan(0.5);
});

test('rows are bounded: a flood of one-hit keys leaves the mature keys their baselines', () => {
  const engine = testEngine({ maxKeys: 200 });
  const past = steadyFleet(50, 10);
  engine.advance(entriesOf(past));
  const flood = Array.from({ length: 20_000 }, (_, i) => anEvent({ ts: T0 + 10 * DAY + i * 10, key: `flood-${i}` }));
  engine.advance(entriesOf(flood, past.length));
  expect(engine.keys).toBeLessThanOrEqual(200);
  for (let k = 1; k <= 50; k++) expect(engine.has(`k${k}`)).toBe(true);
});

test('an alert says how much hangs on each piece of evidence', () => {
  const { alerts } = runWhole(entriesOf(scenario()));
  const [first] = alerts;
  const actor = first.keywatch.evidence.find((e) => e.facet === 'actor');
  expect(actor?.risk_without).toBeLessThan(60);
  for (const piece of first.keywatch.evidence) expect(piece.risk_without).toBeLessThanOrEqual(first.event.risk_score);
});
