import fc from 'fast-check';
import type { KeyAction, OutcomeState } from '../../src/domain/action';
import { type AlertDocument, alertDocument } from '../../src/domain/alert';
import type { OutcomeNote } from '../../src/domain/command';
import type { Engine } from '../../src/engine';
import { StillUsed } from '../../src/engine/still-used';
import { createObserver } from '../../src/profile/observation';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

const past = steadyFleet(4, 15);
const at = T0 + 15 * DAY;
const thief = { key: 'k1', ip: '203.0.113.50', country: 'BR', userAgent: 'x/1' };
const owner = { key: 'k1', ip: '198.51.1.7', userAgent: 'client-1/1.1' };
let offset = 0;

function feed(engine: Engine, events: ReturnType<typeof anEvent>[], until = events.at(-1)!.ts) {
  const entries = entriesOf(events, offset);
  offset += events.length;
  return engine.advance([...entries, { kind: 'tick', ts: until }]).alerts;
}

/** An engine with a theft of k1 that was told of, and the request that it led to. */
function robbed() {
  offset = 0;
  const engine = testEngine();
  const { requests } = engine.advance(entriesOf([...past, anEvent({ ts: at, ...thief })]));
  offset = past.length + 1;
  const { id: requestId, key, incidentId } = requests[0];
  const tell = (state: OutcomeState, when = at, action: KeyAction = 'suspend') =>
    engine.advance([
      {
        kind: 'command',
        command: { type: 'outcome', key, requestId, incidentId, action, state, at: when, until: at + DAY },
      },
    ]).alerts;
  return { engine, tell, incidentId };
}

const uses = (from: number, who: object, times: number, status = 403) =>
  Array.from({ length: times }, (_, i) => anEvent({ ts: from + i * MINUTE, ...who, status }));
const listed = (documents: readonly AlertDocument[]) =>
  documents
    .filter(({ user }) => user?.id === 'k1')
    .map(({ keywatch: { incident, still_used_by } }) => [incident?.state, still_used_by]);

test('the incident says who still uses a suspended key: once while it holds, at the release, at the closing', () => {
  const { engine, tell, incidentId } = robbed();
  tell('delivered');
  const first = feed(engine, [...uses(at + MINUTE, owner, 3), ...uses(at + 5 * MINUTE, thief, 2)]);
  expect(listed(first)).toEqual([]);
  const update = feed(engine, uses(at + 90 * MINUTE, owner, 30));
  expect(update).toHaveLength(1);
  expect(update[0]).toMatchObject({
    event: { kind: 'event' },
    keywatch: { incident: { id: incidentId, state: 'updated' }, request: { state: 'delivered' } },
  });
  expect(alertDocument.strict().parse(update[0])).toEqual(update[0]);
  expect(update[0].keywatch.still_used_by).toEqual([
    { network: '198.51.1.0/24', client: 'client', requests: expect.any(Number), last: expect.any(String) },
    { network: '203.0.113.0/24', client: 'x', requests: 2, last: iso(at + 6 * MINUTE), suspect: true },
  ]);
  expect(listed(feed(engine, uses(at + 4 * HOUR, owner, 1)))).toEqual([]);

  const release = tell('released', at + 5 * HOUR);
  expect(listed(release)).toMatchObject([['updated', [{ client: 'client', requests: 34 }, { client: 'x' }]]]);
  expect(release[0].event.id).not.toBe(update[0].event.id);
  expect(tell('released', at + 5 * HOUR)).toEqual([]);
  const closing = feed(engine, uses(at + 6 * HOUR, owner, 20, 200));
  expect(listed(closing)).toMatchObject([['closed', [{ client: 'client', requests: 34 }, { client: 'x' }]]]);
});

const iso = (ms: number) => new Date(ms).toISOString();

test('an incident whose key nobody uses any more, or that was only slowed, says nothing', () => {
  for (const action of ['suspend', 'rate-limit'] as const) {
    const { engine, tell } = robbed();
    tell('delivered', at, action);
    const before = feed(
      engine,
      action === 'suspend' ? [anEvent({ ts: at + 2 * HOUR, key: 'k2' })] : uses(at + MINUTE, owner, 90),
    );
    expect([...before, ...tell('released', at + 3 * HOUR, action)].filter((one) => one.keywatch.still_used_by)).toEqual(
      [],
    );
  }
});

test('a request from before the receiver acknowledged it is not counted, one that was let through after it is', () => {
  const { engine, tell } = robbed();
  tell('delivered', at + 10 * MINUTE);
  feed(engine, [...uses(at + MINUTE, owner, 5, 200), ...uses(at + 20 * MINUTE, owner, 2, 200)]);
  expect(listed(tell('released', at + HOUR))).toMatchObject([['updated', [{ client: 'client', requests: 2 }]]]);
});

test('a checkpoint keeps the count; a forgotten key has none', () => {
  const { engine, tell } = robbed();
  tell('delivered');
  feed(engine, uses(at + MINUTE, owner, 5));
  const restored = testEngine();
  restored.restore(engine.checkpoint());
  expect(Buffer.compare(restored.checkpoint(), engine.checkpoint())).toBe(0);
  const later = entriesOf(uses(at + 2 * HOUR, owner, 5), offset);
  const told = engine.advance(later).alerts;
  expect(listed(told)).toHaveLength(1);
  expect(restored.advance(later).alerts).toEqual(told);
  engine.advance([{ kind: 'command', command: { type: 'forget', key: 'k1', by: 'ada', force: true } }]);
  expect(tell('released', at + 3 * HOUR)).toEqual([]);
  expect(Buffer.from(engine.checkpoint()).includes('198.51.1.0/24')).toBe(false);
});

const note = (over: Partial<OutcomeNote> = {}): OutcomeNote => ({
  key: 'k',
  requestId: 'r1',
  incidentId: 'i1',
  action: 'suspend',
  state: 'delivered',
  at: T0,
  ...over,
});
const observer = createObserver();
const seen = (net: number, ts: number) =>
  observer(anEvent({ ts, key: 'k', ip: `10.${net >> 8}.${net & 255}.9`, userAgent: 'a/1' }), ts, 0, 0);

test('law: at most 16 clients, and whoever has asked twice among the first is never pushed out', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 300 }), (crowd) => {
      const used = new StillUsed();
      used.begin(note());
      used.note(seen(1_000, T0), T0);
      used.note(seen(1_000, T0 + 1), T0 + 1);
      for (const [i, net] of crowd.entries()) used.note(seen(net, T0 + 2 + i), T0 + 2 + i);
      const clients = used.of('k', 'i1');
      expect(clients.length).toBeLessThanOrEqual(16);
      expect(clients[0]).toMatchObject({ network: '10.3.232.0/24', requests: 2 });
    }),
  );
});

test('a stronger action goes on with the count, one after the end begins anew; keys are bounded', () => {
  const used = new StillUsed();
  used.begin(note());
  used.note(seen(1, T0), T0);
  used.begin(note({ requestId: 'r2', action: 'revoke', at: T0 + 5 }));
  expect(used.of('k', 'i1')).toHaveLength(1);
  expect(used.end(note())).toBe(false);
  expect(used.end(note({ requestId: 'r2' }))).toBe(true);
  used.begin(note({ requestId: 'r3', incidentId: 'i2' }));
  expect([used.of('k', 'i1'), used.of('k', 'i2')]).toEqual([[], []]);
  for (let i = 0; i < 1_500; i++) used.begin(note({ key: `k${i}` }));
  expect(used.export()).toHaveLength(1_000);
});

test('of an action without an incident each of the key says it, while it holds', () => {
  const used = new StillUsed();
  used.begin(note({ incidentId: '' }));
  used.note(seen(1, T0), T0);
  expect(used.of('k', 'any')).toHaveLength(1);
  used.end(note({ incidentId: '' }));
  expect(used.of('k', 'any')).toEqual([]);
});
