import type { UsageEvent } from '../../src/domain/event';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, T0, testEngine } from '../support/events';

/** Keys of a tenant each, used from a network of their own for twelve days; `office` is met by the tenant's first key. */
function fleet(tenants: number, keysEach: number): UsageEvent[] {
  const events: UsageEvent[] = [];
  for (let t = T0; t < T0 + 12 * DAY; t += HOUR)
    for (let tenant = 0; tenant < tenants; tenant++)
      for (let k = 0; k < keysEach; k++)
        events.push(
          anEvent({ ts: t + k, key: `t${tenant}k${k}`, tenant: `t${tenant}`, ip: `198.51.${tenant * 8 + k}.7` }),
        );
  return events;
}
const office = { ip: '80.12.40.9', country: 'FR' };
const at = T0 + 12 * DAY;
/** From its first day on the office is used with one key of tenant 0. */
const met = Array.from({ length: 12 * 12 }, (_, i) =>
  anEvent({ ts: T0 + i * 2 * HOUR + 5 * MINUTE, key: 't0k0', tenant: 't0', ...office }),
);

/** Surprise of the newcomer when `key` is first used from the office, 0 for none. */
function surprise(past: readonly UsageEvent[], key: string, tenant: string) {
  const engine = testEngine({
    policy: {
      rules: [{ name: 'all', when: { risk: 1, confidence: 0, signs: 0, surprise: 0 }, action: 'alert', for: HOUR }],
      tiers: [],
      defaultTier: 'standard',
    },
  });
  const sorted = [...past].sort((a, b) => a.ts - b.ts);
  engine.advance(entriesOf(sorted));
  const last = anEvent({ ts: at, key, tenant, ...office });
  const { alerts } = engine.advance([...entriesOf([last], sorted.length), { kind: 'tick', ts: at + HOUR }]);
  const found = alerts
    .filter(({ user }) => user?.id === key)
    .flatMap(({ keywatch }) => keywatch.evidence)
    .find(({ detector }) => detector === 'newcomer');
  return { surprise: found?.surprise ?? 0, saw: found?.saw ?? '' };
}

test('a stranger whom a peer of the key has known for days is less odd, and the alert says why', () => {
  const past = [...fleet(6, 4), ...met];
  const colleague = surprise(past, 't0k1', 't0');
  const stranger = surprise(past, 't1k1', 't1');
  expect(stranger.surprise).toBeGreaterThan(1.5);
  expect(colleague.surprise).toBeLessThan(stranger.surprise - 0.5);
  expect(colleague.saw === '' || colleague.saw.includes('known on other keys of its tenant')).toBe(true);
});

test('whom a peer met today is as odd as ever: a thief with two keys of one tenant is no colleague', () => {
  const past = [...fleet(6, 4), anEvent({ ts: at - 30 * MINUTE, key: 't0k0', tenant: 't0', ...office })];
  expect(surprise(past, 't0k1', 't0').surprise).toBeGreaterThan(1.5);
});

test('one tenant for all keys is a default, not a circle of colleagues', () => {
  const past = [...fleet(1, 8), ...met];
  expect(surprise(past, 't0k1', 't0').surprise).toBeGreaterThan(1.5);
});
