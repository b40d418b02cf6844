import { MIN_SURPRISE } from '../../src/detect/detector';
import { limits } from '../../src/detect/limits';
import { detectors } from '../../src/detect/registry';
import type { UsageEvent } from '../../src/domain/event';
import { keyFacts } from '../../src/domain/inventory';
import type { Observation } from '../../src/domain/observation';
import { random } from '../../src/simulate/random';
import { createSlab } from '../../src/stats/slab';
import { standOf } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

/**
 * Ten steady keys, one used once a day and one that falls asleep, then a day on which `k1` is odd in every way and `daily`
 * at an odd hour; keys are guessed from a network that then uses `k3`; a hundred days later the sleeper wakes.
 */
function oddDay(): UsageEvent[] {
  const { next } = random('odd-day');
  const odd = Array.from({ length: 600 }, (_, i) =>
    anEvent({
      ts: T0 + 21 * DAY + 2 * HOUR + i * 900,
      key: i % 50 === 49 ? 'k2' : 'k1',
      ip: `203.0.${i % 7}.${i % 250}`,
      country: i % 2 === 0 ? 'BR' : 'VN',
      userAgent: `python-requests/2.${i % 3}`,
      route: `/v1/exports/${i % 5}`,
      path: `/v1/exports/${i}`,
      status: next() < 0.5 ? 403 : 500,
      bytes: 1e6 + i,
    }),
  );
  const daily = Array.from({ length: 20 }, (_, day) => anEvent({ ts: T0 + day * DAY + 9 * HOUR, key: 'daily' }));
  const sleeper = Array.from({ length: 20 }, (_, hour) => anEvent({ ts: T0 + hour * HOUR, key: 'sleeper' }));
  const past = [...steadyFleet(10, 20), ...daily, ...sleeper].sort((a, b) => a.ts - b.ts);
  const guesses = Array.from({ length: 60 }, (_, i) =>
    anEvent({ ts: T0 + 21 * DAY + 90 * MINUTE + i * 1_000, key: `guess-${i}`, ip: '203.0.200.1', status: 401 }),
  );
  const guessed = anEvent({ ts: T0 + 21 * DAY + 100 * MINUTE, key: 'k3', ip: '203.0.200.2' });
  const later = Array.from({ length: 100 }, (_, day) =>
    anEvent({ ts: T0 + (22 + day) * DAY + 9 * HOUR, key: 'daily' }),
  );
  const wakes = anEvent({ ts: T0 + 122 * DAY, key: 'sleeper' });
  return [...past, anEvent({ ts: T0 + 21 * DAY + HOUR, key: 'daily' }), ...guesses, guessed, ...odd, ...later, wakes];
}

/** What is declared: where k1 may be used from, and a list with the networks of the odd day. */
const german = { ...keyFacts.parse({ key: 'k1' }), countries: ['DE'] };
const lists = [{ name: 'odd', rule: false, networks: ['203.0.0.0/16'] }];
function declare(o: Observation): void {
  o.declared = o.event.key === 'k1' ? german : undefined;
  o.lists = lists;
}

const events = oddDay();
const half = events.length - 400;

test('names are unique, and so are columns', () => {
  const names = detectors.map((d) => d.name);
  expect(new Set(names).size).toBe(names.length);
  const columns = detectors.flatMap((d) => d.columns.map((c) => c.name));
  expect(new Set(columns).size).toBe(columns.length);
});

describe.each(detectors.map((d) => [d.name, d] as const))('%s', (name, detector) => {
  test('says what it saw, what is usual and since when, of a surprise worth a word', () => {
    const kind = detector === limits ? 'rule' : 'statistical';
    const findings = standOf(detector, undefined, declare).feed(events);
    expect(findings.length).toBeGreaterThan(0);
    for (const { event, evidence } of findings) {
      expect(evidence).toMatchObject({ detector: name, facet: detector.facet, kind });
      expect(evidence.surprise).toBeGreaterThanOrEqual(kind === 'rule' ? 0 : MIN_SURPRISE);
      expect(evidence.surprise).toBeLessThanOrEqual(15);
      expect(evidence.confidence).toBeGreaterThanOrEqual(0);
      expect(evidence.confidence).toBeLessThanOrEqual(1);
      expect(evidence.saw.length).toBeGreaterThan(10);
      expect(evidence.expected.length).toBeGreaterThan(10);
      expect(`${evidence.saw} ${evidence.expected}`).not.toMatch(/NaN|Infinity|undefined/);
      expect(evidence.since).toBeLessThanOrEqual(event.ts);
      expect(evidence.since).toBeGreaterThanOrEqual(T0);
    }
  });

  test('a checkpoint in the midst of it changes nothing', () => {
    const whole = standOf(detector, undefined, declare);
    const before = whole.feed(events.slice(0, half));
    const second = whole.restored();
    expect(second.feed(events.slice(half))).toEqual(whole.feed(events.slice(half)));
    expect(Buffer.from(second.bytes()).equals(Buffer.from(whole.bytes()))).toBe(true);
    expect(before.length).toBeGreaterThanOrEqual(0);
  });

  test('keeps a fixed number of bytes a key', () => {
    const ofKeys = detector.columns.filter(({ scope }) => scope === 'key');
    expect(createSlab(ofKeys).rowBytes).toBeLessThanOrEqual(208);
  });

  test('unknown address, client, status, size and country are no evidence', () => {
    const bare = Array.from({ length: 2_000 }, (_, i) =>
      anEvent({
        ts: T0 + i * 10 * MINUTE,
        ip: '',
        country: '',
        userAgent: '',
        status: 0,
        bytes: undefined,
        route: '',
        path: '',
      }),
    );
    expect(standOf(detector, undefined, declare).feed(bare)).toEqual([]);
  });

  test('the first event of a key says nothing, nor does one of the distant past or the same again', () => {
    const stand = standOf(detector, undefined, declare);
    const findings = [
      ...stand.feed([anEvent({ ts: T0 })]),
      ...stand.feed(Array.from({ length: 3 }, () => anEvent({ ts: T0 }))),
      ...stand.feed([anEvent({ ts: T0 - 30 * DAY })]),
    ];
    expect(findings).toEqual([]);
  });
});
