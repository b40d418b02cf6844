import fc from 'fast-check';
import { baselineColumns, bindBaseline } from '../../src/detect/baseline';
import { bindTraffic, trafficColumns } from '../../src/detect/traffic';
import { assign, vote } from '../../src/detect/traffic/heavy';
import { SLOTS_A_GROUP } from '../../src/detect/traffic/layout';
import type { UsageEvent } from '../../src/domain/event';
import type { TrafficIncident } from '../../src/domain/traffic';
import { createObserver } from '../../src/profile/observation';
import { columnOf, createState, limitsFor } from '../../src/state';
import { decodeState, encodeState } from '../../src/state/codec';
import { createColumn } from '../../src/stats/columns';
import { anEvent, DAY, HOUR, MINUTE, T0 } from '../support/events';

const WINDOW = 5 * MINUTE;
const specs = [...baselineColumns, ...trafficColumns];
const limits = limitsFor(1_000);

function standOf(bytes?: Uint8Array) {
  const state = bytes === undefined ? createState(specs, limits) : decodeState(bytes, specs, limits).state;
  const { facts, names, keys } = state;
  const tables = { facts, names, column: (name: string) => columnOf(state, name), rows: () => keys.ids.length };
  const traffic = bindTraffic(tables);
  const baseline = bindBaseline(tables);
  const observe = createObserver();
  return {
    traffic,
    names,
    bytes: () => encodeState(state),
    feed(events: Iterable<UsageEvent>): TrafficIncident[] {
      const told: TrafficIncident[] = [];
      for (const event of events) {
        const row = keys.find(event.key) >= 0 ? keys.find(event.key) : keys.add(event.key, () => 0);
        const o = observe(event, event.ts, 0, 0);
        const incident = traffic.turn(o.seconds);
        if (incident !== undefined) told.push(incident);
        traffic.count(row, o, true);
        baseline.learn(row, o.seconds, true);
      }
      return told;
    },
  };
}

function noise(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x / 2 ** 32;
  };
}

type Change = (event: UsageEvent) => readonly UsageEvent[];

/** Twelve keys, three routes, two tenants; 25 to 60 requests in five minutes with the hour of the day. */
function* days(from: number, until: number, change: Change = (event) => [event]): Generator<UsageEvent> {
  const random = noise(from + 7);
  for (let at = T0 + from * DAY; at < T0 + until * DAY; at += WINDOW) {
    const busy = 42 - 17 * Math.cos((2 * Math.PI * (at % DAY)) / DAY);
    const requests = Math.round(busy + 8 * (random() - 0.5));
    for (let i = 0; i < requests; i++) {
      const which = Math.floor(12 * random());
      const route = `/v1/${['orders', 'items', 'people'][which % 3]}`;
      const status = random() < 0.01 ? 500 : 200;
      const ts = at + Math.floor((WINDOW * i) / requests);
      yield* change(anEvent({ ts, key: `k${which}`, tenant: which < 6 ? 'acme' : 'globex', route, status }));
    }
  }
}

const at = (hour: number) => T0 + 14 * DAY + hour * HOUR;
const within = (event: UsageEvent, from: number, hours: number) => event.ts >= from && event.ts < from + hours * HOUR;
let learned: Uint8Array;

beforeAll(() => {
  const stand = standOf();
  expect(stand.feed(days(0, 14))).toEqual([]);
  learned = stand.bytes();
});

test('ordinary days are not told of', () => {
  expect(standOf(learned).feed(days(14, 17))).toEqual([]);
});

test('an outage is told of once, with the share of failures that was seen and expected', () => {
  const ill: Change = (e) => [within(e, at(10), 1) && Number(e.key.slice(1)) % 2 === 0 ? { ...e, status: 503 } : e];
  const told = standOf(learned).feed(days(14, 15, ill));
  expect(told).toHaveLength(1);
  expect(told[0].from).toBe(at(10));
  expect(told[0].surprise).toBeGreaterThan(0.8);
  const [first] = told[0].movements;
  expect(first).toMatchObject({ subject: 'fleet', measure: 'failures', since: T0 });
  expect(first.saw).toBeGreaterThan(0.25);
  expect(first.expected).toBeLessThan(0.03);
});

test('an outage that is like an earlier one is told of as well: failures of an outage are not learned', () => {
  const ill: Change = (e) => {
    const outage = [2, 14, 15].some((day) => within(e, T0 + day * DAY + 10 * HOUR, 1));
    return [outage && Number(e.key.slice(1)) % 2 === 0 ? { ...e, status: 503 } : e];
  };
  const told = standOf().feed(days(0, 16, ill));
  expect(told.map((incident) => incident.from)).toContain(at(10));
  expect(told.every((incident) => incident.movements[0].expected < 0.03)).toBe(true);
});

test('a surge on one route by many keys is told of by its name; the same by one key is that key’s matter', () => {
  const surge = (of: (e: UsageEvent) => boolean): Change => {
    return (e) => (within(e, at(10), 1) && of(e) ? new Array(6).fill(e) : [e]);
  };
  const many = standOf(learned).feed(
    days(
      14,
      15,
      surge((e) => e.route === '/v1/items'),
    ),
  );
  expect(many).toHaveLength(1);
  expect(many[0].movements.map((m) => m.name)).toContain('GET /v1/items');
  const flood: Change = (e) => (within(e, at(10), 1) ? [e, ...new Array(8).fill({ ...e, key: 'k3' })] : [e]);
  expect(standOf(learned).feed(days(14, 15, flood))).toEqual([]);
});

test('silence is told of by a tick alone, once it is long enough that records cannot be late', () => {
  const stand = standOf(learned);
  stand.feed(days(14, 14.5));
  const { traffic } = stand;
  const noon = at(12) / 1000;
  expect(traffic.wantsTick(noon + 299)).toBe(false);
  expect(traffic.tick(noon + 299)).toBeUndefined();
  expect(traffic.wantsTick(noon + 300)).toBe(true);
  expect(traffic.tick(noon + 300)).toBeUndefined();
  const told = traffic.tick(noon + 600);
  expect(told?.movements[0]).toMatchObject({ subject: 'fleet', saw: 0 });
  expect(traffic.tick(noon + 3_600)).toBeUndefined();
});

test('a past of days is not enough to speak', () => {
  const surge: Change = (e) => (within(e, T0 + 3.5 * DAY, 1) ? new Array(6).fill(e) : [e]);
  expect(standOf().feed(days(0, 5, surge))).toEqual([]);
});

test('law: going on from a checkpoint gives the same notices and the same bytes', () => {
  const surge: Change = (e) => (within(e, at(10), 1) ? new Array(4).fill(e) : [e]);
  const events = [...days(14, 14.6, surge)];
  const whole = standOf(learned);
  const told = whole.feed(events);
  expect(told).toHaveLength(1);
  for (const cut of [1, 997, events.length - 1]) {
    const first = standOf(learned);
    const before = first.feed(events.slice(0, cut));
    const second = standOf(first.bytes());
    expect([...before, ...second.feed(events.slice(cut))]).toEqual(told);
    expect(Buffer.from(second.bytes()).equals(Buffer.from(whole.bytes()))).toBe(true);
  }
});

test('a gap of a year costs no more than a day of silent windows, and nothing is said of it', () => {
  const stand = standOf(learned);
  const event = anEvent({ ts: T0 + 400 * DAY });
  expect(stand.feed([event]).length).toBeLessThanOrEqual(1);
  expect(stand.feed(days(400, 400.2)).length).toBeLessThanOrEqual(1);
});

test('property: whatever comes, slots are bounded, distinct and held by one value each', () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 0xffffffff })), {
    maxLength: 600,
  });
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 5 }), (hours) => {
      const buckets = createColumn(trafficColumns[1], 1);
      const held = new Map<number, number>();
      const free = () => {
        for (let slot = 0; slot < SLOTS_A_GROUP; slot++) if (!held.has(slot)) return slot;
        return -1;
      };
      for (const hour of hours) {
        for (const value of hour) {
          const slot = vote(buckets, 1, value);
          if (slot >= 0) expect(held.get(slot)).toBe(value);
        }
        assign(
          buckets,
          1,
          3,
          free,
          (slot, value) => {
            expect(held.has(slot)).toBe(false);
            held.set(slot, value);
          },
          (slot) => expect(held.delete(slot)).toBe(true),
        );
        expect(held.size).toBeLessThanOrEqual(SLOTS_A_GROUP);
        expect(new Set(held.values()).size).toBe(held.size);
      }
    }),
    { numRuns: 50 },
  );
});
