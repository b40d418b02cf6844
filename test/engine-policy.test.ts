import type { Policy } from '../src/domain/policy';
import type { Engine, LogEntry } from '../src/engine';
import { anEvent, DAY, entriesOf, HOUR, MINUTE, steadyFleet, T0, testEngine } from './support/events';

const past = steadyFleet(8, 10, 20 * MINUTE);
const at = T0 + 10 * DAY + 9 * HOUR;
const when = { risk: 10, confidence: 0, signs: 0, surprise: 1 };
const asking: Policy = {
  rules: [{ name: 'eager', when, action: 'rate-limit', for: HOUR }],
  tiers: [],
  defaultTier: 'standard',
};
const silent: Policy = { rules: [], tiers: [], defaultTier: 'standard' };
const decreed = (policy: Policy): LogEntry => ({ kind: 'command', command: { type: 'policy', policy, by: 'ops' } });

const stranger = (from: number, key = 'k1') =>
  Array.from({ length: 5 }, (_, i) =>
    anEvent({ ts: from + i * MINUTE, key, ip: '177.71.128.9', country: 'BR', userAgent: 'curl/8.5' }),
  );

const took = (engine: Engine, entries: readonly LogEntry[]) => engine.advance(entries);
const learned = () => {
  const engine = testEngine();
  took(engine, entriesOf(past, 0));
  return engine;
};
const theft = entriesOf(stranger(at), past.length);

test('a policy decides from its place in the log on', () => {
  const engine = learned();
  took(engine, [decreed(silent)]);
  expect(took(engine, theft)).toMatchObject({ requests: [] });
  expect(engine.policy).toEqual(silent);
  took(engine, [decreed(asking)]);
  const { requests } = took(engine, entriesOf(stranger(at + HOUR, 'k2'), past.length + 5));
  expect(requests.map(({ action, rule }) => [action, rule])).toEqual([['rate-limit', 'eager']]);
});

test('a checkpoint keeps the policy of its place, whatever the settings say by then', () => {
  const before = learned();
  took(before, [decreed(asking)]);
  const after = testEngine();
  after.restore(before.checkpoint());
  expect(after.policy).toEqual(asking);
  expect(took(after, theft).requests).toEqual(took(before, theft).requests);
  expect(after.checkpoint()).toEqual(before.checkpoint());
});
