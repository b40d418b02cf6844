import fc from 'fast-check';
import { type Outcome, outcomeStates } from '../../src/domain/action';
import { decideAll } from '../../src/enforce/rails';
import { standingOf, suspendedKeys } from '../../src/enforce/standing';
import { applyOutcomes, emptyState, replayLedger } from '../../src/enforce/state';
import { actionRequest, enforceSettings, HOUR, MINUTE, TEN } from '../support/action-request';

const calm = { settings: enforceSettings(), lagging: false };
const accepted = decideAll(emptyState, [actionRequest()], TEN, calm);
const step = (state: Outcome['state'], at: number): Outcome => ({ requestId: 'req-1', state, at });

test('the standing of a key over the life of a suspension', () => {
  const life = [
    ...accepted,
    step('delivered', TEN + 1),
    step('release-due', TEN + HOUR),
    step('released', TEN + HOUR + 5),
  ];
  const standing = (lines: number, now: number) =>
    standingOf(replayLedger(life.slice(0, lines)), 'key-1', now, enforceSettings());
  const until = TEN + HOUR;
  expect(standing(0, TEN)).toEqual({ state: 'quiet', strikes: 0 });
  expect(standing(1, TEN)).toMatchObject({ state: 'suspended', stage: 'accepted', since: TEN, until, strikes: 1 });
  expect(standing(2, TEN)).toMatchObject({ state: 'suspended', stage: 'delivered', incidentId: 'inc-1', until });
  expect(standing(3, TEN + HOUR)).toMatchObject({ state: 'releasing', since: TEN + HOUR, requestId: 'req-1' });
  expect(standing(4, TEN + HOUR + 6)).toMatchObject({ state: 'cooling', until: TEN + HOUR + 5 + MINUTE });
  expect(standing(4, TEN + 2 * HOUR)).toEqual({ state: 'quiet', strikes: 1 });
  expect(standing(4, TEN + 8 * 24 * HOUR)).toEqual({ state: 'quiet', strikes: 0 });
  expect([1, 2, 3, 4].map((lines) => suspendedKeys(replayLedger(life.slice(0, lines))))).toEqual([0, 1, 1, 0]);
});

test('an outcome that does not follow from the standing changes nothing', () => {
  const state = replayLedger(accepted);
  for (const name of ['release-due', 'released', 'release-undelivered'] as const) {
    expect(applyOutcomes(state, [step(name, TEN)])).toEqual(state);
  }
  const delivered = applyOutcomes(state, [step('delivered', TEN)]);
  expect(applyOutcomes(delivered, [step('undelivered', TEN + 1)])).toEqual(delivered);
  const over = applyOutcomes(state, [step('undelivered', TEN)]);
  expect(applyOutcomes(over, [step('delivered', TEN + 1)])).toEqual(over);
});

test('a damaged ledger is a loud fault', () => {
  const { request: _, ...without } = accepted[0]!;
  expect(() => replayLedger([without])).toThrow('has no request');
  const { until: __, ...endless } = accepted[0]!;
  expect(() => replayLedger([endless])).toThrow('has no end');
});

test('states are values: applying outcomes leaves the one before untouched', () => {
  const before = replayLedger(accepted);
  const image = structuredClone(before);
  applyOutcomes(before, [step('undelivered', TEN), { requestId: 'x', state: 'breaker-reset', at: TEN }]);
  expect(before).toEqual(image);
});

const line = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  state: fc.constantFrom(...outcomeStates.filter((s) => s !== 'breaker-reset' && s !== 'grouped')),
  rail: fc.constantFrom('breaker-count' as const, 'lagging' as const),
});

test('law: lines that a failed append left twice are as good as one, and replay equals one by one', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.array(fc.boolean(), { maxLength: 30 }), (lines, twice) => {
      const outcomes = lines.map(({ id, state, rail }, i): Outcome => {
        const first = state === 'held' || state === 'accepted';
        return {
          requestId: id,
          state,
          at: TEN + i,
          ...(state === 'held' ? { rail } : {}),
          ...(first ? { request: actionRequest({ id, key: `key-of-${id}` }) } : {}),
          ...(state === 'accepted' ? { until: TEN + HOUR, notAfter: TEN + MINUTE } : {}),
        };
      });
      // Without its first outcome a request has no later one.
      const known = new Set<string>();
      const sane = outcomes.filter((o) => {
        if (o.request !== undefined) known.add(o.requestId);
        return known.has(o.requestId);
      });
      const doubled = sane.flatMap((o, i) => (twice[i] ? [o, o] : [o]));
      const whole = replayLedger(sane);
      expect(replayLedger(doubled)).toEqual(whole);
      expect(sane.reduce((state, o) => applyOutcomes(state, [o]), emptyState)).toEqual(whole);
      expect([...whole.keys.values()].flatMap(({ live }) => live)).toHaveLength(whole.live.size);
    }),
  );
});
