import fc from 'fast-check';
import { inventoryOf, keyFacts } from '../../src/domain/inventory';
import { type PastIncident, rateRisk, riskFactors, riskWeights } from '../../src/report/risk';
import { createUsage } from '../../src/report/usage';
import { anEvent, DAY, HOUR, T0 } from '../support/events';

const NOW = T0 + 30 * DAY;
const safe = keyFacts.parse({
  key: 'k1',
  owner: 'team-a',
  rotated: new Date(NOW).toISOString(),
  countries: ['DE'],
});

function rate(rows = [safe], events = [anEvent()], incidents: PastIncident[] = []) {
  const inventory = inventoryOf(rows, [], 'd');
  const usage = createUsage({ inventory, present: NOW });
  for (const event of events) usage.see(event);
  return rateRisk(usage.result(), { inventory, incidents, asOf: NOW });
}
const points = (of: ReturnType<typeof rate>, factor: string) => of[0]!.factors.find((f) => f.factor === factor)?.points;

test('the weights are a hundred in all, and a key in order has none of them', () => {
  expect(riskFactors.reduce((sum, name) => sum + riskWeights[name], 0)).toBe(100);
  expect(rate()).toMatchObject([{ key: 'k1', risk: 0, elevated: false, factors: [], requests: 1 }]);
});

test('each factor, as the page says', () => {
  expect(points(rate([{ ...safe, rotated: NOW - 365 * DAY }]), 'age')).toBe(15);
  expect(points(rate([{ ...safe, rotated: undefined }]), 'age')).toBe(7.5);
  expect(points(rate([{ ...safe, countries: [] }]), 'unlimited')).toBe(5);
  const spread = Array.from({ length: 64 }, (_, i) =>
    anEvent({ ip: `10.0.${i}.1`, userAgent: `agent-${String.fromCharCode(65 + i)}`, route: `/r${i}` }),
  );
  const wide = rate([safe], spread);
  expect([points(wide, 'networks'), points(wide, 'routes')]).toEqual([8, 10]);
  expect(points(wide, 'newcomers')).toBeUndefined();
  const countries = ['DE', 'FR', 'IT', 'ES', 'PL'].map((country) => anEvent({ country }));
  expect(points(rate([safe], countries), 'countries')).toBe(7);
  expect(points(rate([safe], countries), 'outside')).toBe(10);
});

test('newcomers: in the last week, to a key that was known for a week', () => {
  const late = (ago: number) => anEvent({ ts: NOW - ago, ip: '203.0.113.5' });
  expect(points(rate([safe], [anEvent(), late(HOUR)]), 'newcomers')).toBe(7.5);
  expect(points(rate([safe], [anEvent(), late(8 * DAY)]), 'newcomers')).toBeUndefined();
  expect(points(rate([safe], [anEvent({ ts: NOW - 3 * DAY }), late(HOUR)]), 'newcomers')).toBeUndefined();
});

test('past incidents: a confirmed theft has all points, a benign one none', () => {
  const one = (severity: number, verdict?: PastIncident['verdict']) => ({ key: 'k1', severity, verdict });
  const of = (...incidents: PastIncident[]) => points(rate([safe], [anEvent()], incidents), 'incidents');
  expect(of(one(99, 'benign'))).toBeUndefined();
  expect(of(one(21, 'theft'))).toBe(25);
  expect(of(one(73))).toBe(12.5);
  expect(of(one(73), one(73), one(99))).toBe(25);
});

test('sorted, explained, and the sum is that of its factors, within 0 and 100', () => {
  const event = fc.record({
    key: fc.constantFrom('k1', 'k2', 'k3'),
    ts: fc.integer({ min: T0, max: NOW }),
    ip: fc.ipV4(),
    country: fc.constantFrom('', 'DE', 'FR', 'US'),
    route: fc.constantFrom('/a', '/b', '/c'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const keys = rate(
        [safe],
        events.map((over) => anEvent(over)),
      );
      for (const [i, { risk, factors }] of keys.entries()) {
        expect(risk).toBeCloseTo(
          factors.reduce((sum, f) => sum + f.points, 0),
          5,
        );
        expect(risk).toBeGreaterThanOrEqual(0);
        expect(risk).toBeLessThanOrEqual(100);
        if (i > 0) expect(risk).toBeLessThanOrEqual(keys[i - 1]!.risk);
        for (const f of factors) expect(f.why.length).toBeGreaterThan(5);
      }
    }),
    { numRuns: 60 },
  );
});
