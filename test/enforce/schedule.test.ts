import fc from 'fast-check';
import type { Outcome } from '../../src/domain/action';
import { decideAll } from '../../src/enforce/rails';
import { due, MAX_RETRY_AFTER_MS, nextDue, retrySchedule } from '../../src/enforce/schedule';
import { RELEASE_TRY_MS } from '../../src/enforce/settings';
import { emptyState, replayLedger } from '../../src/enforce/state';
import { actionRequest, enforceSettings, HOUR, MINUTE, TEN } from '../support/action-request';

const accepted = decideAll(emptyState, [actionRequest()], TEN, { settings: enforceSettings(), lagging: false });
const after = (...states: Outcome['state'][]) =>
  replayLedger([...accepted, ...states.map((state) => ({ requestId: 'req-1', state, at: TEN }))]);

test('an accepted suspension is sent until notAfter, then given up', () => {
  expect(due(after(), TEN + 15 * MINUTE - 1)).toMatchObject([{ do: 'deliver', kind: 'act', id: 'req-1' }]);
  expect(due(after(), TEN + 15 * MINUTE)).toMatchObject([{ do: 'record', outcome: { state: 'undelivered' } }]);
  expect(nextDue(after(), TEN)).toBe(TEN + 15 * MINUTE);
});

test('a delivered suspension rests until its end, then is released for a day', () => {
  expect(due(after('delivered'), TEN + HOUR - 1)).toEqual([]);
  expect(nextDue(after('delivered'), TEN)).toBe(TEN + HOUR);
  expect(due(after('delivered'), TEN + HOUR)).toMatchObject([{ do: 'record', outcome: { state: 'release-due' } }]);
  const releasing = after('delivered', 'release-due');
  expect(due(releasing, TEN + HOUR)).toMatchObject([{ do: 'deliver', kind: 'release' }]);
  expect(due(releasing, TEN + HOUR + RELEASE_TRY_MS)).toMatchObject([
    { do: 'record', outcome: { state: 'release-undelivered' } },
  ]);
});

test('a suspension that was not delivered has no release', () => {
  expect(due(after('undelivered'), TEN + HOUR)).toEqual([]);
  expect(nextDue(after('undelivered'), TEN)).toBe(Number.POSITIVE_INFINITY);
});

test('in dry run accepted suspensions are given up, and what was suspended is still released', () => {
  expect(due(after(), TEN, false)).toMatchObject([{ do: 'record', outcome: { state: 'undelivered' } }]);
  expect(due(after('delivered', 'release-due'), TEN + HOUR, false)).toMatchObject([{ do: 'deliver', kind: 'release' }]);
});

test('the waits between attempts', () => {
  const half = () => 0.5;
  expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => retrySchedule(attempt, half))).toEqual([
    0, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 60_000, 60_000,
  ]);
  expect(retrySchedule(19, half, 'release')).toBe(60_000);
  expect(retrySchedule(20, half, 'release')).toBe(300_000);
  expect(retrySchedule(1, half, 'act', 45_000)).toBe(45_000);
  expect(retrySchedule(1, half, 'act', 86_400_000)).toBe(MAX_RETRY_AFTER_MS);
});

test('law: jitter keeps within a fifth, and the receiver is never asked earlier than it wished', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  fc.assert(
    fc.property(fc.nat(200), random, fc.nat(1_000_000), (attempt, r, wish) => {
      const plain = retrySchedule(attempt, () => 0.5);
      const jittered = retrySchedule(attempt, () => r);
      expect(Math.abs(jittered - plain)).toBeLessThanOrEqual(plain * 0.2 + 1);
      expect(retrySchedule(attempt, () => r, 'act', wish)).toBeGreaterThanOrEqual(Math.min(wish, MAX_RETRY_AFTER_MS));
    }),
  );
});
