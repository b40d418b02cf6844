import { newcomer } from '../../src/detect/newcomer';
import type { UsageEvent } from '../../src/domain/event';
import { random } from '../../src/simulate/random';
import { standOf, strongest } from '../support/detectors';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';

/** An address in a near network of its own, far from all the others'. */
const far = (n: number) => `${20 + (n % 100)}.${Math.floor(n / 100) % 250}.1.1`;

test('a newcomer from abroad on a steady key is told with the rate of such newcomers on this key', () => {
  const stand = standOf(newcomer);
  stand.feed(steadyFleet(20, 20));
  const thief = anEvent({ ts: T0 + 20 * DAY, ip: '203.0.113.9', country: 'BR', userAgent: 'curl/8.4.0' });
  const [found] = stand.feed([thief]);
  expect(found.evidence.surprise).toBeGreaterThan(2);
  expect(found.evidence.aboutActor).toBe(true);
  expect(found.evidence.saw).toBe('a newcomer, a new country (203.0.113.0/24, Brazil (BR)), with a new product (curl)');
  expect(found.evidence.expected).toMatch(
    /^newcomers this odd \(a new country\): .+ on this key, 0 lately in 20 days$/,
  );
  expect(found.evidence.since).toBe(T0 + 8 * HOUR);
});

test('the same newcomer on a key that meets one every day is nothing', () => {
  const stand = standOf(newcomer);
  const mobile = Array.from({ length: 20 * 24 }, (_, i) => anEvent({ ts: T0 + i * HOUR, key: 'app', ip: far(i) }));
  stand.feed([...steadyFleet(20, 20), ...mobile].sort((a, b) => a.ts - b.ts));
  const guest = (key: string) => anEvent({ ts: T0 + 20 * DAY, key, ip: '203.0.113.9' });
  expect(strongest(stand.feed([guest('app')]))).toBe(0);
  expect(strongest(stand.feed([guest('k1')]))).toBeGreaterThan(2);
});

test('that only the address is new is said, and it is the least of all newcomers', () => {
  const stand = standOf(newcomer);
  stand.feed(steadyFleet(20, 20));
  const own = { userAgent: 'client-1/1.1', ts: T0 + 20 * DAY };
  const [address] = stand.feed([anEvent({ ...own, ip: '198.51.1.8' })], () => false);
  const [country] = stand.feed([anEvent({ ...own, ip: '203.0.113.9', country: 'BR' })], () => false);
  expect(address.evidence.saw).toMatch(/; only the address is new$/);
  expect(country.evidence.saw).not.toContain('only the address');
  expect(address.evidence.surprise).toBeLessThan(country.evidence.surprise);
});

test("the key's own client speaks for the newcomer, a stranger's against it", () => {
  const surpriseOf = (userAgent: string) => {
    const stand = standOf(newcomer);
    stand.feed(steadyFleet(20, 20));
    return strongest(stand.feed([anEvent({ ts: T0 + 20 * DAY, ip: '203.0.113.9', country: 'BR', userAgent })]));
  };
  expect(surpriseOf('client-1/1.1')).toBeLessThan(surpriseOf('curl/8.4.0'));
});

test('a new version at a known address is an upgrade: no evidence', () => {
  const stand = standOf(newcomer);
  stand.feed(steadyFleet(20, 20));
  expect(stand.feed([anEvent({ ts: T0 + 20 * DAY, ip: '198.51.1.7', userAgent: 'client-1/1.2' })])).toEqual([]);
});

describe('a client that all keys take up within hours', () => {
  const rollOut = (ipOf: (k: number) => string) =>
    Array.from({ length: 60 }, (_, i) =>
      anEvent({ ts: T0 + 20 * DAY + i * 10 * MINUTE, key: `k${i + 1}`, ip: ipOf(i + 1), userAgent: 'successor/2.0' }),
    );
  const surprises = (events: UsageEvent[]) => {
    const stand = standOf(newcomer);
    stand.feed(steadyFleet(60, 20));
    // Nothing of it is learned, as when each of the first keys was alerted.
    return events.map((event) => strongest(stand.feed([event], () => false)));
  };

  test('is a roll-out once a few keys have it at their own addresses', () => {
    const [first, second, third, ...others] = surprises(rollOut((k) => `198.51.${k}.7`));
    expect(Math.max(first, second, third)).toBeGreaterThan(2);
    expect(Math.max(...others)).toBeLessThan(2);
  });

  test('is none where it comes from one new network: that is one thief with many keys', () => {
    expect(Math.min(...surprises(rollOut(() => '203.0.113.9').slice(0, 20)))).toBeGreaterThan(2);
  });
});

test('a key in its first day is judged by what young keys meet, and its newcomers do not raise the rate of old ones', () => {
  const stand = standOf(newcomer);
  stand.feed(steadyFleet(20, 20));
  const young = Array.from({ length: 40 }, (_, i) =>
    anEvent({ ts: T0 + 20 * DAY + i * 10 * MINUTE, key: 'young', ip: far(i) }),
  );
  const guest = anEvent({ ts: T0 + 21 * DAY, key: 'k1', ip: '203.0.113.9' });
  const undisturbed = stand.restored();
  stand.feed(young);
  expect(strongest(stand.feed([guest]))).toBeGreaterThan(strongest(undisturbed.feed([guest])) - 0.1);
});

test('one newcomer counts once, however many requests it makes and whether or not it is learned', () => {
  const stand = standOf(newcomer);
  stand.feed(steadyFleet(20, 20));
  const thief = Array.from({ length: 200 }, (_, i) =>
    anEvent({ ts: T0 + 20 * DAY + i * MINUTE, ip: '203.0.113.9', country: 'BR', userAgent: 'curl/8.4.0' }),
  );
  const findings = stand.feed(thief, () => false);
  const [first] = findings;
  const last = findings[findings.length - 1];
  expect(findings).toHaveLength(200);
  expect(last.evidence.expected).toContain('1 lately');
  expect(last.evidence.surprise).toBeGreaterThan(first.evidence.surprise - 1);
});

/**
 * A benign fleet whose keys differ much: newcomers come at a rate of the key's own (log-normal over keys), a tenth of
 * them from a new country, a third with another client.
 */
function benign(keys: number, days: number): UsageEvent[] {
  const rng = random('benign-newcomers');
  const events: UsageEvent[] = [];
  let fresh = 0;
  for (let k = 0; k < keys; k++) {
    const perDay = Math.min(5, rng.logNormal(0.05, 1.3));
    for (let day = 0; day < days; day++) {
      for (let i = 0; i < 4; i++) {
        events.push(
          anEvent({ ts: T0 + day * DAY + rng.int(DAY), key: `b${k}`, ip: `198.${51 + (k >> 8)}.${k & 255}.7` }),
        );
      }
      for (let t = rng.exponential(DAY / perDay); t < DAY; t += rng.exponential(DAY / perDay)) {
        const country = rng.chance(0.1) ? rng.pick(['BR', 'VN', 'ZA', 'FR', 'US', 'IN']) : 'DE';
        const userAgent = rng.chance(0.3) ? `tool-${rng.int(40)}/1.0` : 'axios/1.6.0';
        const ip = far(fresh++ * 7);
        for (let i = 0; i < 2; i++) {
          events.push(
            anEvent({ ts: T0 + day * DAY + Math.floor(t) + i * MINUTE, key: `b${k}`, ip, country, userAgent }),
          );
        }
      }
    }
  }
  return events.sort((a, b) => a.ts - b.ts);
}

describe('the forecast is honest on a benign fleet', () => {
  const KEYS = 200;
  const WARM = 14;
  const DAYS = 50;
  const most = new Map<string, number>();
  beforeAll(() => {
    for (const { event, evidence } of standOf(newcomer).feed(benign(KEYS, DAYS))) {
      const day = Math.floor((event.ts - T0) / DAY);
      if (day < WARM) continue;
      const keyDay = `${event.key}/${day}`;
      most.set(keyDay, Math.max(most.get(keyDay) ?? 0, evidence.surprise));
    }
  });

  test.each([1, 1.5, 2, 3])('P(surprise ≥ %d on a key-day) ≤ 2·10^-s, by a binomial test at 0.1 %%', (s) => {
    const days = KEYS * (DAYS - WARM);
    const reached = [...most.values()].filter((value) => value >= s).length;
    const allowed = 2 * 10 ** -s;
    expect(reached).toBeLessThanOrEqual(days * allowed + 3.1 * Math.sqrt(days * allowed * (1 - allowed)));
  });

  test('and not merely by being silent', () => {
    const days = KEYS * (DAYS - WARM);
    expect([...most.values()].filter((value) => value >= 1.5).length).toBeGreaterThan((days * 10 ** -1.5) / 5);
  });
});

test('rates are fitted anew every six hours: newcomers that become usual on all keys surprise less', () => {
  const stand = standOf(newcomer);
  stand.feed(steadyFleet(20, 20));
  const guest = (day: number) => anEvent({ ts: T0 + day * DAY, key: 'k20', ip: '203.0.113.9', country: 'BR' });
  const before = strongest(stand.restored().feed([guest(20)]));
  const moving = Array.from({ length: 19 * 10 }, (_, i) =>
    anEvent({ ts: T0 + 20 * DAY + i * HOUR, key: `k${1 + (i % 19)}`, ip: far(i), country: i % 2 === 0 ? 'FR' : 'IT' }),
  );
  stand.feed(moving);
  expect(strongest(stand.feed([guest(28)]))).toBeLessThan(before - 0.5);
});
