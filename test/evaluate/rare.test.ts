import { rareRule } from '../../src/evaluate/rare';

const QUARTER = 900_000;
interface Event {
  readonly key: string;
  readonly ts: number;
  readonly ip: string;
  readonly userAgent: string;
}

/** One event a quarter of an hour for each value. */
function told(values: readonly string[], key = 'a') {
  const rule = rareRule<Event>([(event) => event.ip]);
  for (const [i, ip] of values.entries()) rule.see({ key, ts: i * QUARTER, ip, userAgent: '' });
  return rule.alerts;
}
const steady = Array.from({ length: 99 }, () => 'x');

it('a value never seen on a key of one value is as rare as the past is long', () => {
  expect(told([...steady, 'y'])).toEqual([{ key: 'a', ts: 99 * QUARTER, score: 2 }]);
});

it('among many values seen once, one more is not rare', () => {
  const changing = Array.from({ length: 100 }, (_, i) => `v${i}`);
  expect(told([...changing, 'y'])).toEqual([]);
});

it('says nothing before it has learned, nor of a value it does not know', () => {
  expect(told([...steady.slice(0, 19), 'y'])).toEqual([]);
  expect(told([...steady, ''])).toEqual([]);
});

it('tells of a value once in a quarter of an hour, however many requests there are', () => {
  const rule = rareRule<Event>([(event) => event.ip, (event) => event.userAgent]);
  for (let i = 0; i < 99; i++) rule.see({ key: 'a', ts: i * QUARTER, ip: 'x', userAgent: 'u' });
  for (let i = 0; i < 5; i++) rule.see({ key: 'a', ts: 99 * QUARTER + i, ip: 'y', userAgent: 'u' });
  rule.see({ key: 'a', ts: 100 * QUARTER, ip: 'y', userAgent: 'v' });
  // The first time one of 100 sightings; in the next bucket the agent is the rarer value.
  expect(rule.alerts.map(({ ts, score }) => [ts - 99 * QUARTER, score])).toEqual([
    [0, 2],
    [QUARTER, expect.closeTo(2)],
  ]);
});
