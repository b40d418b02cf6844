import { createReports } from '../../src/app/live/reporting';
import { MINUTE, TEN } from '../support/action-request';

test('active keys are told each time, those of tenants counted once a minute and anew for a partition that came back', () => {
  let now = TEN;
  let looks = 0;
  const told: [number, number, number | undefined][] = [];
  const report = createReports(
    { now: () => now },
    { noteActive: (partition, keys, tenants) => void told.push([partition, keys, tenants?.get('acme')]) },
  );
  const tenants = () => new Map([['acme', ++looks]]);
  const runtime = (keys: number) => ({ activeKeys: () => [{ partition: 3, keys, tenants }] });
  report(runtime(10));
  now += MINUTE / 2;
  report(runtime(11));
  now += MINUTE / 2;
  report(runtime(12));
  report({ activeKeys: () => [] });
  report(runtime(13));
  expect(told).toEqual([
    [3, 10, 1],
    [3, 11, 1],
    [3, 12, 2],
    [3, 13, 3],
  ]);
});
