import type { Outcome } from '../../src/domain/action';
import { stateWithoutKey, withoutKey } from '../../src/enforce/forget';
import { replayLedger } from '../../src/enforce/state';
import { actionRequest, HOUR, TEN } from '../support/action-request';

const request = (id: string, key: string) => actionRequest({ id, key, keyName: `name of ${key}`, tenant: 'acme' });
const accepted = (id: string, key: string): Outcome => ({
  requestId: id,
  state: 'accepted',
  at: TEN,
  request: request(id, key),
  notAfter: TEN + HOUR,
  until: TEN + HOUR,
});
const held = (id: string, key: string): Outcome => ({
  requestId: id,
  state: 'held',
  at: TEN,
  rail: 'lagging',
  request: request(id, key),
});
const done = (id: string): Outcome[] =>
  (['delivered', 'release-due', 'released'] as const).map((state, i) => ({ requestId: id, state, at: TEN + i }));
const AS = 'forgotten:x';

test('no word of the key is left, and no request can be acted on again', () => {
  const outcomes = [accepted('r1', 'gone'), ...done('r1'), held('r2', 'gone'), held('r3', 'other')];
  const left = withoutKey(outcomes, 'gone', AS);
  expect(JSON.stringify(left)).not.toContain('gone');
  expect(left[0].request?.evidence).toEqual([]);
  expect(left.at(-1)).toBe(outcomes.at(-1));
  const [before, after] = [replayLedger(outcomes), replayLedger(left)];
  expect([...after.seen]).toEqual([...before.seen]);
  expect(after.circuits).toEqual(before.circuits);
  // The same again changes nothing.
  expect(withoutKey(left, 'gone', AS)).toEqual(left);
  expect(stateWithoutKey(before, 'gone', left).keys.has('gone')).toBe(false);
  expect(stateWithoutKey(before, 'gone', left).keys.has('other')).toBe(true);
});

test('what a release needs is left whole until it is over', () => {
  const outcomes = [
    held('r0', 'gone'),
    accepted('r1', 'gone'),
    { requestId: 'r1', state: 'delivered', at: TEN } as const,
  ];
  const left = withoutKey(outcomes, 'gone', AS);
  expect(left.map((outcome) => outcome.request?.key)).toEqual([AS, 'gone', undefined]);
  expect(replayLedger(left).live.get('r1')).toBe('gone');
  expect(stateWithoutKey(replayLedger(outcomes), 'gone', left).keys.get('gone')?.live).toHaveLength(1);
  expect(JSON.stringify(withoutKey([...left, ...done('r1').slice(1)], 'gone', AS))).not.toContain('"gone"');
});
