import { geography } from '../../src/detect/geography';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, steadyFleet, T0 } from '../support/events';

const past = steadyFleet(20, 20);
const guest = (over = {}) => anEvent({ ts: T0 + 20 * DAY, userAgent: 'client-1/1.1', ...over });

function settled() {
  const stand = standOf(geography);
  stand.feed(past);
  return stand;
}

test('a country that the key has never shown is told beside the one it is used from', () => {
  const [{ evidence }] = settled().feed([guest({ ip: '203.0.113.9', country: 'BR' })]);
  expect(evidence.saw).toBe('a new country: 203.0.113.0/24, Brazil (BR)');
  expect(evidence.expected).toMatch(
    /^Germany \(DE\) in 1,200 of 1,200 requests; a new country less than one a year on this key, 0 so far in 20 days$/,
  );
  expect(evidence.surprise).toBeGreaterThan(2);
  expect(evidence.aboutActor).toBe(true);
});

test('the further from what is known, the odder', () => {
  const stand = standOf(geography);
  // The fleet meets new addresses often, new networks now and then, new countries never.
  const moves = Array.from({ length: 400 }, (_, i) =>
    anEvent({
      ts: T0 + 10 * DAY + i * HOUR,
      key: `k${2 + (i % 19)}`,
      ip: `198.51.${2 + (i % 19) + (i % 8 === 0 ? 100 : 0)}.${i % 250}`,
    }),
  );
  stand.feed([...past, ...moves].sort((a, b) => a.ts - b.ts));
  const at = (ip: string, country = 'DE') => strongest(stand.feed([guest({ ip, country })], () => false));
  const grades = [at('198.51.1.7'), at('198.51.1.8'), at('198.51.77.7'), at('203.0.113.9'), at('203.0.113.9', 'BR')];
  expect([...grades].sort((a, b) => a - b)).toEqual(grades);
  expect(grades[0]).toBe(0);
  expect(grades[4]).toBeGreaterThan(grades[1]);
});

test('a key that is used from a new country every other day is not odd in one more', () => {
  const countries = ['FR', 'US', 'GB', 'IT', 'ES', 'PL', 'NL', 'SE', 'NO', 'DK'];
  const travels = countries.map((country, i) =>
    anEvent({ ts: T0 + i * 2 * DAY, key: 'traveller', ip: `${20 + i}.1.1.1`, country }),
  );
  const stand = standOf(geography);
  stand.feed([...past, ...travels].sort((a, b) => a.ts - b.ts));
  expect(strongest(stand.feed([guest({ key: 'traveller', ip: '203.0.113.9', country: 'BR' })]))).toBeLessThan(1);
});

test('an address without a country is judged by its network and called unplaced', () => {
  const [{ evidence }] = settled().feed([guest({ ip: '203.0.113.9', country: '' })]);
  expect(evidence.saw).toBe('a network far from any known: 203.0.113.0/24, an unplaced address');
});

test('once learned it is known', () => {
  const stand = settled();
  const event = guest({ ip: '203.0.113.9', country: 'BR' });
  expect(stand.feed([event, event], () => false)).toHaveLength(2);
  expect(stand.feed([event, event])).toHaveLength(1);
});
