import { baselines, coin, network16, newValue } from '../../src/evaluate/baselines';
import { HOUR } from '../../src/evaluate/types';

const event = (key: string, ts: number, ip = '192.0.2.1', userAgent = 'curl/8') => ({ key, ts, ip, userAgent });

it('alerts once for each value of a key and never for an unknown one', () => {
  const events = [event('a', 1, 'x'), event('a', 2, 'x'), event('b', 3, 'x'), event('a', 4, ''), event('a', 5, 'y')];
  expect(newValue(events, (e) => e.ip).map(({ key, ts }) => [key, ts])).toEqual([
    ['a', 1],
    ['b', 3],
    ['a', 5],
  ]);
});

it.each([
  ['192.0.2.1', '192.0'],
  ['2001:db8::1', '2001:db8'],
  ['2001::1', '2001:0'],
  ['', ''],
  ['host', ''],
])('takes the network of %s', (ip, network) => expect(network16(ip)).toBe(network));

it('tosses one coin per active key-hour, the same for the same seed', () => {
  const events = [event('a', 0), event('b', 1), event('a', HOUR - 1), event('a', HOUR), event('b', 3 * HOUR)];
  const tosses = coin(events, 7);
  expect(tosses.map(({ key, ts }) => [key, ts])).toEqual([
    ['a', 0],
    ['b', 1],
    ['a', HOUR],
    ['b', 3 * HOUR],
  ]);
  expect(coin(events, 7)).toEqual(tosses);
  expect(coin(events, 8)).not.toEqual(tosses);
});

it('prints every rule', () => {
  const events = [event('a', 0), event('a', 1, '198.51.100.1'), event('a', 2, '192.0.9.9', 'curl/9')];
  const rules = baselines(events, (e) => (e.ip.startsWith('198') ? 'DE' : 'FR'), 1);
  expect([...rules].map(([name, alerts]) => [name, alerts.map((a) => a.ts)])).toEqual([
    ['new country', [0, 1]],
    ['new /16', [0, 1]],
    ['new agent', [0, 2]],
    ['rare', []],
    ['coin', [0]],
  ]);
});
