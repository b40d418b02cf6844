import { hours } from '../../src/detect/hours';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, T0 } from '../support/events';

/** `n` days of use at the given hours. T0 is a Monday at midnight. */
const used = (n: number, at: readonly number[], key = 'k1') =>
  Array.from({ length: n }, (_, day) => at.map((h) => anEvent({ ts: T0 + day * DAY + h * HOUR + MINUTE, key }))).flat();
const at = (day: number, hour: number, key = 'k1') => anEvent({ ts: T0 + day * DAY + hour * HOUR, key });

test('a key used once a day at nine is odd at three, in words', () => {
  const stand = standOf(hours);
  stand.feed(used(40, [9]));
  const [{ evidence }] = stand.feed([at(42, 3)]);
  expect(evidence.surprise).toBeGreaterThan(2);
  expect(evidence.saw).toBe('in use at 03:00 UTC on a working day');
  expect(evidence.expected).toMatch(/^between 09:00 and 10:00 UTC; in this hour on 0 of \d+ such days$/);
  expect(evidence.aboutActor).toBe(false);
});

test('its own hour is nothing, the one beside it less odd than one far away', () => {
  const stand = standOf(hours);
  stand.feed(used(40, [9]));
  const oddness = [9, 10, 15].map((hour) => strongest(stand.restored().feed([at(42, hour)])));
  expect(oddness[0]).toBe(0);
  expect(oddness[1]).toBeLessThan(oddness[2]);
});

test('working days and weekends are two habits', () => {
  const stand = standOf(hours);
  const weekendsAtNight = used(40, [3]).filter((_, day) => day % 7 > 4);
  const weekdays = used(40, [9]).filter((_, day) => day % 7 <= 4);
  stand.feed([...weekdays, ...weekendsAtNight].sort((a, b) => a.ts - b.ts));
  expect(strongest(stand.restored().feed([at(47, 3)]))).toBe(0);
  expect(strongest(stand.restored().feed([at(42, 3)]))).toBeGreaterThan(2);
});

test('a key used around the clock is odd at no hour', () => {
  const stand = standOf(hours);
  stand.feed(
    used(
      40,
      Array.from({ length: 24 }, (_, h) => h),
    ),
  );
  for (let h = 0; h < 24; h++) expect(stand.restored().feed([at(42, h)])).toEqual([]);
});

test('an hour is judged once, and again on another day only when it was not learned', () => {
  const stand = standOf(hours);
  stand.feed(used(40, [9]));
  const night = [at(42, 3), at(42, 3), at(42, 3)];
  expect(stand.feed(night)).toHaveLength(1);
  expect(strongest(stand.feed([at(43, 3)]))).toBeLessThan(strongest(standOfNights().feed([at(43, 3)])));
});

function standOfNights() {
  const stand = standOf(hours);
  stand.feed(used(40, [9]));
  return stand;
}
