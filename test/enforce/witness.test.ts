import fc from 'fast-check';
import type { KeyAction } from '../../src/domain/action';
import { keyActions } from '../../src/domain/action';
import type { LiveAction } from '../../src/enforce/key';
import { applyOutcomes, emptyState } from '../../src/enforce/state';
import { type Sighting, sighted, unseen, verdict, watched, witnessOutcome } from '../../src/enforce/witness';
import { actionRequest, HOUR, MINUTE, TEN } from '../support/action-request';

const limits = { effectMs: MINUTE, effectiveWithinMs: 15 * MINUTE };
const live = (action: KeyAction = 'suspend', over: Partial<LiveAction> = {}): LiveAction => ({
  request: actionRequest({ action }),
  stage: 'delivered',
  acceptedAt: TEN,
  notAfter: TEN + 15 * MINUTE,
  until: TEN + HOUR,
  deliveredAt: TEN,
  ...over,
});
/** What is seen after requests answered so, one a second from a minute after the acknowledgement on. */
const seen = (statuses: readonly number[], action: KeyAction = 'suspend', from = TEN + 2 * MINUTE): Sighting =>
  statuses.reduce((before, status, i) => sighted(before, action, status, from + i * 1_000, TEN), unseen);
const verdictOf = (action: LiveAction, statuses: readonly number[], now: number, reached = now) =>
  verdict(action, seen(statuses, action.request.action), now, reached, limits)?.state;

const SOON = TEN + 3 * MINUTE;
const LATER = TEN + 15 * MINUTE;

test('three refusals in a row are enough; two, or three with one let through between them, are not yet', () => {
  expect(verdictOf(live(), [401, 403, 401], SOON)).toBe('effective');
  expect(verdictOf(live(), [401, 403], SOON)).toBeUndefined();
  expect(verdictOf(live(), [401, 401, 200, 401], SOON)).toBeUndefined();
});

test('when its time is up one refusal since the last that was let through is enough', () => {
  expect(verdictOf(live(), [200, 200, 403], LATER)).toBe('effective');
  expect(verdictOf(live(), [403, 200], LATER)).toBe('ineffective');
});

test('silence is an effect only where the log went on', () => {
  expect(verdictOf(live(), [], LATER, LATER)).toBe('effective');
  expect(verdictOf(live(), [], LATER, TEN)).toBeUndefined();
  expect(verdictOf(live(), [], TEN + HOUR, TEN)).toBe('ineffective');
});

test('what is let through before the gateway can know is held against nobody', () => {
  const early = seen([200], 'suspend', TEN + 30_000);
  expect(verdict(live(), early, LATER, LATER, limits)?.state).toBe('effective');
});

test('429 shows a rate limit and no suspension; requests may go on under a rate limit and a step-up', () => {
  expect(verdictOf(live('rate-limit'), [429, 429, 429], SOON)).toBe('effective');
  expect(verdictOf(live('suspend'), [429, 429, 429], LATER)).toBe('ineffective');
  for (const action of ['rate-limit', 'step-up'] as const)
    expect(verdictOf(live(action), [200, 200], TEN + 10 * HOUR)).toBeUndefined();
});

test('no verdict before the acknowledgement, nor a second one', () => {
  const refused = [401, 401, 401];
  expect(verdictOf(live('suspend', { stage: 'accepted', deliveredAt: undefined }), refused, LATER)).toBeUndefined();
  expect(verdictOf(live('suspend', { stage: 'release-due' }), refused, LATER)).toBeUndefined();
  expect(verdictOf(live('suspend', { witnessed: 'effective' }), refused, LATER)).toBeUndefined();
});

test('keys are watched from the acknowledgement to the verdict', () => {
  const request = actionRequest();
  const accepted = { requestId: request.id, at: TEN, request, state: 'accepted', notAfter: LATER, until: TEN + HOUR };
  const lines = [
    accepted as Parameters<typeof applyOutcomes>[1][number],
    { requestId: request.id, at: TEN + 1, state: 'delivered' as const },
  ];
  const at = (count: number) => applyOutcomes(emptyState, lines.slice(0, count));
  expect([...watched(at(1)).keys()]).toEqual([]);
  const delivered = watched(at(2)).get('key-1')!;
  const outcome = witnessOutcome(delivered, { state: 'effective', detail: 'its requests stopped' }, SOON);
  expect([...watched(applyOutcomes(at(2), [outcome])).keys()]).toEqual([]);
});

const traffic = fc.array(
  fc.record({ status: fc.constantFrom(200, 401, 403, 404, 429, 500), after: fc.integer({ min: -MINUTE, max: HOUR }) }),
  { maxLength: 12 },
);

test('law: an action is never ineffective without a request let through or a silent log, and a verdict stays one', () => {
  fc.assert(
    fc.property(
      traffic,
      fc.constantFrom(...keyActions),
      fc.integer({ min: 0, max: 2 * HOUR }),
      (events, action, ms) => {
        const now = TEN + ms;
        const sighting = events.reduce(
          (before, { status, after }) => sighted(before, action, status, TEN + after, TEN),
          unseen,
        );
        const found = verdict(live(action), sighting, now, now, limits);
        if (found?.state === 'ineffective') {
          expect(sighting.passedAt).toBeGreaterThan(TEN + limits.effectMs);
          expect(['suspend', 'revoke']).toContain(action);
        }
        if (found?.state === 'effective')
          expect(verdict(live(action), sighting, now + HOUR, now + HOUR, limits)?.state).toBe('effective');
      },
    ),
  );
});
