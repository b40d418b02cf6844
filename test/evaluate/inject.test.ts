import fc from 'fast-check';
import type { UsageEvent } from '../../src/domain/event';
import { createGrafter, createSurvey, type Graft } from '../../src/evaluate/inject';
import { anEvent, DAY, HOUR, MINUTE, T0 } from '../support/events';

const DAYS = 10;

/** Four keys, each used every hour by its own client; and on keys a and b a visitor of `requests` on `day`. */
function aLog(visits: readonly { key: string; ip: string; day: number; requests: number; country?: string }[]) {
  const events: UsageEvent[] = [];
  for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) {
    for (let ts = T0 + i; ts <= T0 + DAYS * DAY; ts += HOUR) {
      events.push(anEvent({ ts, key, keyName: `name of ${key}`, tenant: `t-${key}`, ip: `198.51.100.${i}` }));
    }
  }
  for (const { key, ip, day, requests, country = 'BR' } of visits) {
    for (let n = 0; n < requests; n++) {
      events.push(anEvent({ ts: T0 + day * DAY + 30 * MINUTE + n * 20_000, key, ip, country, tenant: `t-${key}` }));
    }
  }
  return events.sort((x, y) => x.ts - y.ts);
}

function plan(events: readonly UsageEvent[], count: number, seed = 1): readonly Graft[] {
  const survey = createSurvey(seed);
  for (const event of events) survey.see(event);
  return survey.plan(count);
}

function graftedLog(events: readonly UsageEvent[], grafts: readonly Graft[]) {
  const grafter = createGrafter(grafts);
  const out = events.flatMap((event) => grafter.take(event));
  out.push(...grafter.rest());
  return { out, attack: grafter.attack };
}

const visits = [
  { key: 'a', ip: '203.0.113.1', day: 2, requests: 10 },
  { key: 'b', ip: '203.0.113.2', day: 8, requests: 12, country: 'DE' },
  { key: 'c', ip: '203.0.113.3', day: 4, requests: 8 },
];

test("a theft is another key's client from its first request on, whole days later, under the stolen key's name", () => {
  const events = aLog(visits);
  const grafts = plan(events, 3);
  expect(grafts).toHaveLength(3);
  const { out, attack } = graftedLog(events, grafts);
  expect(out).toHaveLength(events.length);
  for (const { from, ip, onto, label, shift } of grafts) {
    const visit = visits.find((v) => v.ip === ip)!;
    expect(from).toBe(visit.key);
    expect(onto.key).not.toBe(visit.key);
    expect(shift % DAY).toBe(0);
    expect(label.start).toBe(T0 + visit.day * DAY + 30 * MINUTE + shift);
    expect(label.start).toBeGreaterThanOrEqual(T0 + 0.6 * DAYS * DAY);
    const moved = out.filter((event) => event.ip === ip);
    expect(moved).toHaveLength(visit.requests);
    expect(new Set(moved.map((event) => event.key))).toEqual(new Set([label.key]));
    expect(moved[0]).toMatchObject({ ts: label.start, tenant: `t-${label.key}`, keyName: `name of ${label.key}` });
    expect(attack.filter((r) => r.key === label.key && r.ts >= label.start && r.ts <= label.windowEnd)).toHaveLength(
      visit.requests,
    );
  }
});

test('far and near go by the main country of the stolen key', () => {
  const grafts = plan(aLog(visits), 3);
  for (const { ip, label } of grafts) {
    expect(label.kind).toBe(ip === '203.0.113.2' ? 'injected-near' : 'injected-far');
  }
});

test('the seed decides: the same one gives the same thefts, another one others', () => {
  const many = Array.from({ length: 12 }, (_, i) => ({
    key: ['a', 'b', 'c', 'd'][i % 4]!,
    ip: `203.0.113.${i}`,
    day: 2 + (i % 6),
    requests: 10,
  }));
  const events = aLog(many);
  expect(plan(events, 3, 7)).toEqual(plan(events, 3, 7));
  const chosen = new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(plan(events, 3, seed))));
  expect(chosen.size).toBeGreaterThan(1);
});

test.each([
  ['too few requests', [{ key: 'a', ip: '203.0.113.1', day: 5, requests: 4 }]],
  [
    'an address of two keys',
    [
      { key: 'a', ip: '203.0.113.1', day: 5, requests: 9 },
      { key: 'b', ip: '203.0.113.1', day: 6, requests: 9 },
    ],
  ],
  ['a client that may be older than the log', [{ key: 'a', ip: '203.0.113.1', day: 0, requests: 9 }]],
  ['no address', [{ key: 'a', ip: '', day: 5, requests: 9 }]],
])('no theft is made of %s', (_, unfit) => {
  expect(plan(aLog(unfit), 5)).toEqual([]);
});

test('what the client does on its own key after the segment is left out', () => {
  const day = 5;
  const events = [
    ...aLog([{ key: 'a', ip: '203.0.113.1', day, requests: 10 }]),
    anEvent({ ts: T0 + (day + 3) * DAY, key: 'a', ip: '203.0.113.1' }),
  ].sort((x, y) => x.ts - y.ts);
  const grafts = plan(events, 1);
  const { out } = graftedLog(events, grafts);
  expect(out.filter((event) => event.ip === '203.0.113.1').map((event) => event.key)).toEqual(
    Array.from({ length: 10 }, () => grafts[0]!.label.key),
  );
});

test('whatever the log, the changed one stays in time order, loses no other request and holds all thefts', () => {
  const visit = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    ip: fc.integer({ min: 1, max: 20 }).map((n) => `203.0.113.${n}`),
    day: fc.integer({ min: 0, max: DAYS - 1 }),
    requests: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(visit, { maxLength: 12 }), fc.nat({ max: 1_000 }), (list, seed) => {
      const events = aLog(list);
      const grafts = plan(events, 4, seed);
      const { out, attack } = graftedLog(events, grafts);
      for (let i = 1; i < out.length; i++) expect(out[i]!.ts).toBeGreaterThanOrEqual(out[i - 1]!.ts);
      const addresses = new Set(grafts.map((graft) => graft.ip));
      const others = (all: readonly UsageEvent[]) => all.filter((event) => !addresses.has(event.ip));
      expect(others(out)).toEqual(others(events));
      expect(attack).toHaveLength(out.length - others(out).length);
      for (const { label } of grafts) {
        const requests = attack.filter((r) => r.key === label.key && r.ts >= label.start && r.ts <= label.windowEnd);
        expect(requests.length).toBeGreaterThanOrEqual(5);
        expect(label.windowEnd - label.start).toBeLessThanOrEqual(DAY);
      }
    }),
    { numRuns: 60 },
  );
});
