import { routes } from '../../src/detect/routes';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, steadyFleet, T0 } from '../support/events';

const past = steadyFleet(20, 20);
const call = (over = {}) => anEvent({ ts: T0 + 20 * DAY, ip: '198.51.1.7', ...over });

test('a route never called is told with how often that happens', () => {
  const stand = standOf(routes);
  stand.feed(past);
  const [{ evidence }] = stand.feed([call({ method: 'POST', route: '/v1/exports' })]);
  expect(evidence.surprise).toBeGreaterThan(2);
  expect(evidence.saw).toBe('a route never used before: POST /v1/exports');
  expect(evidence.expected).toMatch(/^a new route less than one a year, 0 so far in 20 days$/);
});

test('known routes are nothing, the same path by another method is new', () => {
  const stand = standOf(routes);
  stand.feed(past);
  expect(stand.feed([call()])).toEqual([]);
  expect(stand.feed([call({ method: 'DELETE' })])).toHaveLength(1);
});

test('a key that explores the API every day is not odd', () => {
  const stand = standOf(routes);
  const exploring = Array.from({ length: 100 }, (_, i) =>
    anEvent({ ts: T0 + i * 4 * HOUR, key: 'lab', route: `/r/${i}` }),
  );
  stand.feed([...past, ...exploring].sort((a, b) => a.ts - b.ts));
  expect(strongest(stand.feed([call({ key: 'lab', route: '/r/new' })]))).toBeLessThan(0.5);
});

test('a long route is cut in words', () => {
  const stand = standOf(routes);
  stand.feed(past);
  const [{ evidence }] = stand.feed([call({ route: `/${'x'.repeat(500)}` })]);
  expect(evidence.saw.length).toBeLessThan(120);
});
