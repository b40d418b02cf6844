import { travel } from '../../src/detect/travel';
import { leastDistance } from '../../src/detect/travel/countries';
import type { UsageEvent } from '../../src/domain/event';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

const lived = standOf(travel);
lived.feed(steadyFleet(20, 21));
const NOON = T0 + 21 * DAY + 12 * HOUR;

const from = (country: string, after: number, over: Partial<UsageEvent> = {}) =>
  anEvent({ ts: NOON + after, country, ip: '203.0.113.9', ...over });
const home = (after: number, over: Partial<UsageEvent> = {}) => from('DE', after, { ip: '198.51.1.7', ...over });

test('far away a few minutes later is told in kilometres and minutes, with how often that happens', () => {
  const [finding] = lived.restored().feed([home(0), from('BR', 7 * MINUTE)]);
  expect(finding.evidence).toMatchObject({ facet: 'geography', kind: 'statistical', aboutActor: true });
  expect(finding.evidence.surprise).toBeGreaterThan(2);
  expect(finding.evidence.saw).toMatch(
    /^a request from Brazil \(BR\) 7 minutes after one from Germany \(DE\), at least 6,\d{3} km away, a journey of \d hours and more$/,
  );
  expect(finding.evidence.expected).toMatch(
    /^impossible journeys on 0 days in 21 days; the first on one key in \d+ a day$/,
  );
});

test('the owner back at home is not the one who travelled; the stranger is, again', () => {
  const findings = lived.restored().feed([home(0), from('BR', MINUTE), home(2 * MINUTE), from('BR', 3 * MINUTE)]);
  expect(findings.map((f) => f.event.country)).toEqual(['BR', 'BR']);
});

test('a journey that can be made, a neighbour, an unknown place and a place without a known middle are none', () => {
  const silent = (...events: UsageEvent[]) => expect(lived.restored().feed(events)).toEqual([]);
  silent(home(0), from('BR', 12 * HOUR));
  silent(home(0), from('FR', MINUTE));
  silent(home(0), from('', MINUTE));
  silent(home(0), from('EU', MINUTE));
});

test('an event that comes late is compared by its distance in time', () => {
  expect(strongest(lived.restored().feed([home(30 * MINUTE), from('BR', 20 * MINUTE)]))).toBeGreaterThan(2);
  const { length } = lived.restored().feed([home(30 * MINUTE), from('BR', 20 * MINUTE), home(40 * MINUTE)]);
  expect(length).toBe(1);
});

test('regions at both ends are homes after two days', () => {
  const stand = lived.restored();
  const both = (day: number) =>
    Array.from({ length: 50 }, (_, i) => [
      home(day * DAY + i * MINUTE),
      from('US', day * DAY + i * MINUTE + 30_000),
    ]).flat();
  expect(strongest(stand.feed(both(0)))).toBeGreaterThan(2);
  stand.feed([1, 2].flatMap(both));
  expect(stand.feed([3, 4, 5].flatMap(both))).toEqual([]);
});

test('who hops about the world is soon expected to', () => {
  const stand = lived.restored();
  const exits = ['BR', 'JP', 'ZA', 'AU', 'CL', 'IN', 'KE', 'PE', 'TH', 'NZ', 'AR', 'KR'];
  const surprises = exits.map((country, day) =>
    strongest(stand.feed([home(day * DAY), from(country, day * DAY + MINUTE)])),
  );
  expect(surprises[0]).toBeGreaterThan(2);
  for (const s of surprises.slice(1)) expect(s).toBeLessThan(1.1);
  expect(surprises[11]).toBeLessThan(0.7);
});

test('where keys of the fleet begin to travel every day, the next one is less odd', () => {
  const stand = lived.restored();
  const surprises = Array.from({ length: 19 }, (_, i) => {
    const key = `k${i + 1}`;
    return strongest(stand.feed([home(i * MINUTE, { key }), from('BR', i * MINUTE + 1, { key })]));
  });
  expect(surprises[18]).toBeLessThan(surprises[0] - 1);
});

test('a key in its first days has no home to be far from', () => {
  const young = { key: 'young' };
  expect(lived.restored().feed([home(0, young), from('BR', MINUTE, young), home(2 * MINUTE, young)])).toEqual([]);
});

test('distances are lower bounds: symmetric, none between neighbours, never more than between two towns', () => {
  expect(leastDistance('DE', 'FR')).toBe(0);
  expect(leastDistance('US', 'CA')).toBe(0);
  expect(leastDistance('RU', 'CN')).toBe(0);
  expect(leastDistance('DE', 'DE')).toBe(0);
  expect(leastDistance('JP', 'BR')).toBe(leastDistance('BR', 'JP'));
  const towns: [string, string, number][] = [
    ['GB', 'US', 5_570], // London – New York
    ['PT', 'BR', 5_850], // Lisbon – Recife
    ['AU', 'NZ', 2_155], // Sydney – Auckland
    ['ES', 'MA', 340], // Málaga – Fès
    ['SG', 'AU', 3_350], // Singapore – Darwin
    ['ZA', 'IN', 6_950], // Durban – Mumbai
    ['FJ', 'NZ', 2_150], // Suva – Auckland, over the date line
  ];
  for (const [a, b, km] of towns) expect(leastDistance(a, b)).toBeLessThan(km);
  expect(leastDistance('DE', 'BR')).toBeGreaterThan(5_000);
  expect(leastDistance('DE', 'EU')).toBeUndefined();
});
