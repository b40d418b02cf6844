import type { Effects } from '../../src/engine';
import { spoken } from '../../src/runtime/history';
import type { Partition } from '../../src/runtime/partition';
import { tellDelivered } from '../../src/runtime/told';
import { anEvent, DAY, entriesOf, steadyFleet, T0, testEngine } from '../support/events';
import { countingTelemetry } from '../support/time';

const rule = (action: 'suspend' | 'alert') => ({
  name: action,
  when: { risk: 1, confidence: 0, signs: 0, surprise: 0 },
  action,
  for: 3_600_000,
});
const policy = { rules: [rule('alert')], shadow: [rule('suspend')], tiers: [], defaultTier: 'standard' };

/** Six quiet days, then one key in other hands. */
function stolen() {
  const engine = testEngine({ policy });
  const theft = Array.from({ length: 20 }, (_, i) =>
    anEvent({ ts: T0 + 6 * DAY + i * 7_000, key: 'k1', ip: '177.71.128.9', country: 'BR', userAgent: 'curl/8.5' }),
  );
  return engine.advance(entriesOf([...steadyFleet(4, 6), ...theft]));
}
const countedOf = (effects: Effects) => {
  const telemetry = countingTelemetry();
  tellDelivered({ telemetry, log: undefined }, effects);
  return telemetry.calls.filter(({ name }) => name === 'difference').map(({ values }) => values);
};

test('decisions of which the shadow policy is another are counted with both actions', () => {
  const counted = countedOf(stolen());
  expect(counted.length).toBeGreaterThan(0);
  expect(new Set(counted.map(String))).toEqual(new Set(['alert,suspend']));
});

test('nothing is counted of history', () => {
  const learning = { engine: { learning: { until: () => 1 } }, withheld: { alerts: 0, requests: 0, rejected: 0 } };
  expect(countedOf(spoken(learning as unknown as Partition, stolen()))).toEqual([]);
});
