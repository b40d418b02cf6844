import { fleetExcess } from '../../src/evaluate/fleet';

const alert = (key: string, ts: number) => ({ key, ts, score: 1 });

it('counts the keys that an incident added, not those alerted anyway', () => {
  const windows = [{ start: 100, end: 200, kind: 'outage' }];
  const plain = [alert('a', 150), alert('c', 50)];
  const withIncident = [alert('a', 150), alert('b', 210), alert('b', 120), alert('c', 110), alert('d', 99)];
  expect(fleetExcess(withIncident, plain, windows, 10)).toEqual([{ window: windows[0], added: ['b', 'c'], shared: 1 }]);
});

it('looks at one key alone where the window names it', () => {
  const windows = [{ start: 0, end: 9, kind: 'move', key: 'a' }];
  expect(fleetExcess([alert('a', 5), alert('b', 5)], [], windows)[0]!.added).toEqual(['a']);
});
