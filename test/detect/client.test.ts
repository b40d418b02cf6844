import { client } from '../../src/detect/client';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, MINUTE, steadyFleet, T0 } from '../support/events';

const past = steadyFleet(40, 20);
const call = (userAgent: string, over = {}) => anEvent({ ts: T0 + 20 * DAY, ip: '198.51.1.7', userAgent, ...over });

function settled() {
  const stand = standOf(client);
  stand.feed(past);
  return stand;
}

test('another product is told beside the one that the key is used with', () => {
  const [{ evidence }] = settled().feed([call('curl/8.4.0')]);
  expect(evidence.saw).toBe('a new product: curl');
  expect(evidence.expected).toMatch(
    /^client in 1,200 of 1,200 requests; a new product .+ on this key, 0 so far in 20 days$/,
  );
  expect(evidence.surprise).toBeGreaterThan(2);
});

test("the key's own client is nothing", () => {
  expect(settled().feed([call('client-1/1.1')])).toEqual([]);
});

test('an agent that many keys take up is a roll-out: the later the less odd', () => {
  const stand = settled();
  const rollOut = Array.from({ length: 40 }, (_, i) =>
    call('successor/2.0', { ts: T0 + 20 * DAY + i * MINUTE, key: `k${i + 1}`, ip: `198.51.${i + 1}.7` }),
  );
  const surprises = rollOut.map((event) => strongest(stand.feed([event])));
  expect(surprises[0]).toBeGreaterThan(2);
  expect(Math.max(...surprises.slice(10))).toBeLessThan(1);
});

test('a key that changes its client all the time is not odd with one more', () => {
  const stand = standOf(client);
  const changing = Array.from({ length: 60 }, (_, i) =>
    anEvent({ ts: T0 + i * (DAY / 3), key: 'lab', userAgent: `tool-${i}/1.0` }),
  );
  stand.feed([...past, ...changing].sort((a, b) => a.ts - b.ts));
  expect(strongest(stand.feed([call('tool-99/1.0', { key: 'lab' })]))).toBeLessThan(0.6);
});
