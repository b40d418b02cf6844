import { createGeoip } from '../../src/adapters/geoip';
import { placing } from '../../src/app/core';
import { passingHasher } from '../../src/app/hashing';
import { configSchema } from '../../src/config';
import { FLEET_KEYS, fleetConfidence } from '../../src/detect/score';
import type { UsageEvent } from '../../src/domain/event';
import { createIngest } from '../../src/ingest/ingest';
import { formatRecord, type SimulateOptions, simulate } from '../../src/simulate/simulate';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

/** A partition of few keys says so, is less sure, and alerts no more often than a large one. */

const thief: readonly UsageEvent[] = Array.from({ length: 10 }, (_, i) =>
  anEvent({
    ts: T0 + 18 * DAY + 3 * HOUR + i * MINUTE,
    key: 'k1',
    ip: '203.0.113.50',
    country: 'BR',
    userAgent: 'python-requests/2.31',
  }),
);
const owned = (keys: number) => {
  const events = [...steadyFleet(Math.max(2, keys), 20)].filter(({ key }) => keys > 1 || key === 'k1');
  return [...events, ...thief].sort((a, b) => a.ts - b.ts);
};

function theftAmong(keys: number) {
  const { alerts, requests } = testEngine().advance(entriesOf(owned(keys)));
  const [opening] = alerts.filter((a) => a.event.kind === 'alert' && a.user?.id === 'k1');
  const evidence = opening.keywatch.evidence;
  return { evidence, actor: evidence.find((e) => e.facet === 'actor')!, requests };
}

test('a theft from a key alone is told, said to be compared with nobody, and asks for no suspension', () => {
  const { actor, requests } = theftAmong(1);
  expect(actor.expected).toMatch(/; no other key in use to compare with$/);
  expect(actor.confidence).toBeLessThanOrEqual(0.5);
  expect(requests).toEqual([]);
});

test('a few keys are said to be few, and each one more makes keywatch surer', () => {
  const seen = [1, 2, 3, 6, 10, 12].map((keys) => theftAmong(keys));
  expect(seen[1].actor.expected).toMatch(/; 1 other key in use to compare with$/);
  expect(seen[2].actor.expected).toMatch(/; 2 other keys in use to compare with$/);
  for (const [i, { actor }] of seen.slice(1, 5).entries()) {
    expect(actor.confidence).toBeGreaterThan(seen[i].actor.confidence);
  }
  expect(seen[2].requests).toHaveLength(1);
});

test('of a fleet nothing is said', () => {
  const { evidence, actor } = theftAmong(FLEET_KEYS);
  expect(evidence.some((e) => e.expected.includes('to compare with'))).toBe(false);
  expect(actor.confidence).toBe(theftAmong(FLEET_KEYS + 5).actor.confidence);
});

test('confidence rises evenly from a half to the whole', () => {
  expect([1, 10, 11, 1e6].map(fleetConfidence)).toEqual([0.5, 1, 1, 1]);
  for (let n = 1; n < 10; n++) expect(fleetConfidence(n + 1) - fleetConfidence(n)).toBeCloseTo(0.5 / 9);
});

const place = placing(createGeoip());
const { ingest: ingestOptions } = configSchema.parse({ source: { kind: 'stdin' } });

function simulated(options: SimulateOptions): UsageEvent[] {
  const ingest = createIngest({ ...ingestOptions, format: 'keywatch', hashKey: passingHasher().hash });
  return [...simulate(options)].flatMap(({ record }) =>
    ingest
      .ingest(Buffer.from(formatRecord(record)))
      .flatMap((result) => (result.kind === 'event' ? [place(result.event)] : [])),
  );
}

test.each([
  [1, 45],
  [3, 15],
])(
  'fleets of %s, %s of them: false alerts at the shipped policy stay near the budget of a large one',
  (keys, fleets) => {
    let alerts = 0;
    const days = 14;
    for (let seed = 0; seed < fleets; seed++) {
      const events = simulated({ seed: `few-${keys}-${seed}`, keys, days, ratePerKeyDay: 60 });
      const from = events[0].ts + 0.6 * days * DAY;
      const told = testEngine().advance(entriesOf(events)).alerts;
      alerts += told.filter((a) => a.event.kind === 'alert' && Date.parse(a['@timestamp']) >= from).length;
    }
    // 252 key-days: ten in a thousand were asked for. Chance alone, of a mean of 2.5, reaches 9 once in 800 times.
    expect(alerts).toBeLessThan(9);
  },
);
