import { createEngine } from '../../src/app/core';
import { configSchema } from '../../src/config';
import { detectors } from '../../src/detect/registry';
import type { Engine } from '../../src/engine';
import { createState, limitsFor } from '../../src/state';
import { makeRoom } from '../../src/stats/slab';
import { DAY, entriesOf, HOUR, steadyFleet, T0 } from '../support/events';

const configured = (over: object = {}) => configSchema.parse({ source: { kind: 'stdin' }, ...over });
const engineOf = (over: object = {}): Engine => createEngine(configured(over), 0);

const events = steadyFleet(6, 5, HOUR / 2);
const past = (() => {
  const engine = engineOf();
  engine.advance(entriesOf(events), { next: events.length, cursor: '' });
  return Buffer.from(engine.checkpoint());
})();

/** Every section that Detect reads, each setting changed; structural are only the set of detectors and the model. */
const changes: readonly (readonly [string, object])[] = [
  ['detect.skew', { detect: { skew: '1m' } }],
  ['detect.lateness', { detect: { lateness: '9h' } }],
  ['detect.maturity', { detect: { maturity: '30d' } }],
  ['detect.suspectMax', { detect: { suspectMax: '1d' } }],
  ['detect.incidentIdle', { detect: { incidentIdle: '1h' } }],
  ['detect.maxKeys, more', { detect: { maxKeys: 400_000 } }],
  ['detect.maxKeys, fewer than are known', { detect: { maxKeys: 3 } }],
  ['policy', { policy: { rules: [], tiers: [{ match: 'k*', tier: 'internal' }], defaultTier: 'other' } }],
  ['enforce', { enforce: { protectedKeys: ['k1'], maxAge: '1m', breaker: { count: 1 } } }],
  ['alerting', { alerting: { attackVersion: '17' } }],
];

test('all settings of Detect but the structural ones are among the changes', () => {
  const tried = changes.map(([name]) => name.split(',')[0]!);
  const all = Object.keys(configured().detect).filter((name) => name !== 'detectors' && name !== 'model');
  for (const name of all) expect(tried).toContain(`detect.${name}`);
});

test.each(changes)('%s changed: nothing is relearned, and the state is what it was', (_, over) => {
  const engine = engineOf(over);
  expect(engine.restore(past)).toEqual([]);
  expect(Buffer.compare(engine.checkpoint(), past)).toBe(0);
});

describe('a detector that is switched off', () => {
  const [detector] = detectors.filter(({ columns }) => columns.some(({ scope }) => scope === 'key'));
  const off = { detect: { detectors: { [detector!.name]: { enabled: false } } } };

  test('takes nothing of the others with it', () => {
    const engine = engineOf(off);
    expect(engine.restore(past)).toEqual([]);
    expect(engine.keys).toBe(6);
  });

  test('begins anew when it is switched on again, which is told, and the others go on', () => {
    const without = engineOf(off);
    without.restore(past);
    const again = engineOf();
    expect([...again.restore(without.checkpoint())].sort()).toEqual(detector!.columns.map(({ name }) => name).sort());
    expect(again.keys).toBe(6);
  });
});

test('with fewer keys allowed than are known, those stay, and a new one takes the place of the least of all', () => {
  const { keys, slab } = createState([], limitsFor(3));
  makeRoom(slab, 5);
  for (const _ of keys.restore(['a', 'b', 'c', 'd', 'e'], 4));
  const worth = [5, 4, 3, 2, 1];
  keys.add('new', (row) => worth[row]!);
  expect(keys.ids).toEqual(['a', 'b', 'c', 'd', 'new']);
  expect([keys.find('e'), keys.find('a'), keys.size()]).toEqual([-1, 0, 5]);
  const later = engineOf({ detect: { maxKeys: 3 } });
  later.restore(past);
  const fresh = entriesOf(
    steadyFleet(9, 6, HOUR).filter(({ ts }) => ts > T0 + 5 * DAY),
    events.length,
  );
  later.advance(fresh, { next: events.length + fresh.length, cursor: '' });
  expect(later.keys).toBe(6);
});
