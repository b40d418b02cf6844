import fc from 'fast-check';
import type { ActionRequest, Outcome } from '../../src/domain/action';
import { decide, decideAll } from '../../src/enforce/rails';
import { MAX_SEEN, MAX_SUSPENSION_MS } from '../../src/enforce/settings';
import { applyOutcomes, type EnforceState, emptyState, noteActive, replayLedger } from '../../src/enforce/state';
import { actionRequest, breakerOf, enforceSettings, HOUR, MINUTE, TEN } from '../support/action-request';

const calm = { settings: enforceSettings(), lagging: false };

const many = (count: number, over: Partial<ActionRequest> = {}) =>
  Array.from({ length: count }, (_, i) => actionRequest({ id: `req-${i}`, key: `key-${i}`, ...over }));

const after = (state: EnforceState, ...outcomes: Outcome[]) => applyOutcomes(state, outcomes);

const run = (request: ActionRequest, states: readonly Outcome['state'][], at = TEN): EnforceState => {
  const accepted = decideAll(emptyState, [request], at, calm);
  return after(emptyState, ...accepted, ...states.map((state) => ({ requestId: request.id, state, at })));
};

test('a request that meets no rail is accepted for its duration, to be delivered within notAfter', () => {
  const request = actionRequest();
  expect(decide(emptyState, request, TEN + 5_000, calm)).toEqual([
    {
      requestId: 'req-1',
      state: 'accepted',
      at: TEN + 5_000,
      request,
      notAfter: TEN + 5_000 + 15 * MINUTE,
      until: TEN + 5_000 + HOUR,
    },
  ]);
});

test('a suspension shorter than notAfter is not delivered after its own end', () => {
  const [outcome] = decide(emptyState, actionRequest({ durationMs: MINUTE }), TEN, calm);
  expect(outcome).toMatchObject({ notAfter: TEN + MINUTE, until: TEN + MINUTE });
});

test('a suspension without end is shortened to the longest one', () => {
  const [outcome] = decide(emptyState, actionRequest({ durationMs: 1e17 }), TEN, calm);
  expect(outcome!.until).toBe(TEN + MAX_SUSPENSION_MS);
});

test('a known id changes nothing, whatever became of it', () => {
  const request = actionRequest();
  for (const state of [run(request, []), run(request, ['undelivered']), after(emptyState, ...held(request))]) {
    expect(decide(state, request, TEN + HOUR, calm)).toEqual([]);
    expect(decide(state, request, TEN, { ...calm, settings: enforceSettings({ mode: 'dry-run' }) })).toEqual([]);
  }
  function held(r: ActionRequest) {
    return decide(emptyState, r, TEN, { ...calm, lagging: true });
  }
});

describe('rails', () => {
  const rail = (state: EnforceState, request: ActionRequest, now: number, context = calm) => {
    const [outcome] = decide(state, request, now, context);
    expect(outcome!.state).toBe('held');
    expect(outcome!.until).toBeUndefined();
    return outcome!.rail;
  };

  test('dry run, with what would have happened', () => {
    const dry = { ...calm, settings: enforceSettings({ mode: 'dry-run' }) };
    expect(rail(emptyState, actionRequest(), TEN, dry)).toBe('dry-run');
    expect(decide(emptyState, actionRequest(), TEN, dry)[0]!.detail).toBe('would be suspended');
    expect(decide(emptyState, actionRequest(), TEN + HOUR, dry)[0]!.detail).toContain('would be held: stale');
  });

  test('protected key', () => {
    const settings = enforceSettings({ protectedKeys: new Map([['key-1', Number.POSITIVE_INFINITY]]) });
    expect(rail(emptyState, actionRequest(), TEN, { ...calm, settings })).toBe('protected-key');
    expect(decide(emptyState, actionRequest({ key: 'key-10' }), TEN, { ...calm, settings })[0]!.state).toBe('accepted');
  });

  test.each<[string, Outcome['state'][], string]>([
    ['accepted', [], 'stronger-action'],
    ['suspended', ['delivered'], 'stronger-action'],
    ['waiting for its release', ['delivered', 'release-due'], 'key-cooldown'],
  ])('already suspended: %s', (_, states, name) => {
    const second = actionRequest({ id: 'req-2', decidedAt: TEN + HOUR });
    expect(rail(run(actionRequest(), states), second, TEN + HOUR)).toBe(name);
  });

  test.each<[string, Outcome['state'][]]>([
    ['released', ['delivered', 'release-due', 'released']],
    ['not released', ['delivered', 'release-due', 'release-undelivered']],
    ['not delivered', ['undelivered']],
  ])('cooldown after a key was %s, and an end to it', (_, states) => {
    const second = actionRequest({ id: 'req-2' });
    const state = run(actionRequest(), states);
    expect(rail(state, second, TEN + MINUTE - 1)).toBe('key-cooldown');
    expect(decide(state, second, TEN + MINUTE, calm)[0]!.state).toBe('accepted');
  });

  test('stale: decided longer ago than maxAge', () => {
    expect(rail(emptyState, actionRequest(), TEN + 10 * MINUTE + 1)).toBe('stale');
    expect(decide(emptyState, actionRequest(), TEN + 10 * MINUTE, calm)[0]!.state).toBe('accepted');
  });

  test('lagging', () => {
    expect(rail(emptyState, actionRequest(), TEN, { ...calm, lagging: true })).toBe('lagging');
  });

  test('the fixed order: the first of several that apply is named', () => {
    const busy = run(actionRequest(), ['delivered']);
    const all = {
      settings: enforceSettings({ protectedKeys: new Map([['key-1', Number.POSITIVE_INFINITY]]) }),
      lagging: true,
    };
    const old = actionRequest({ id: 'req-2' });
    expect(rail(busy, old, TEN + HOUR, { ...all, settings: enforceSettings({ mode: 'dry-run' }) })).toBe('dry-run');
    expect(rail(busy, old, TEN + HOUR, all)).toBe('protected-key');
    expect(rail(busy, old, TEN + HOUR, { ...calm, lagging: true })).toBe('stronger-action');
    expect(rail(emptyState, old, TEN + HOUR, { ...calm, lagging: true })).toBe('stale');
  });
});

describe('breaker', () => {
  test('opens when the count is exceeded, holds everything, and only a person resets it', () => {
    const outcomes = decideAll(emptyState, many(9), TEN, calm);
    expect(outcomes.map((o) => o.state)).toEqual([...Array(5).fill('accepted'), ...Array(4).fill('held')]);
    expect(outcomes.slice(5).every((o) => o.rail === 'breaker-count')).toBe(true);

    const open = replayLedger(outcomes);
    expect(open.circuits.fleet.breaker).toMatchObject({ open: true, rail: 'breaker-count', requestId: 'req-5' });
    const later = actionRequest({ id: 'later', key: 'other', decidedAt: TEN + 48 * HOUR });
    expect(decide(open, later, TEN + 48 * HOUR, calm)[0]).toMatchObject({ state: 'held', rail: 'breaker-count' });

    const reset = after(open, { requestId: 'breaker-reset-1', state: 'breaker-reset', at: TEN, detail: 'ann' });
    const again = decideAll(
      reset,
      many(9, { decidedAt: TEN }).map((r) => ({ ...r, id: `b-${r.id}`, key: `b-${r.key}` })),
      TEN,
      calm,
    );
    expect(again.filter((o) => o.state === 'accepted')).toHaveLength(5);
  });

  test('counts within its window only', () => {
    const five = replayLedger(decideAll(emptyState, many(5), TEN, calm));
    const next = actionRequest({ id: 'next', key: 'next', decidedAt: TEN + HOUR });
    expect(decide(five, next, TEN + HOUR - 1, calm)[0]!.rail).toBe('breaker-count');
    expect(decide(five, next, TEN + HOUR, calm)[0]!.state).toBe('accepted');
  });

  test('opens when the share of active keys is exceeded', () => {
    const settings = enforceSettings({ breaker: breakerOf(1_000, 0.02) });
    const active = noteActive(noteActive(emptyState, 0, 100, TEN), 1, 50, TEN);
    const outcomes = decideAll(active, many(6), TEN, { ...calm, settings });
    expect(outcomes.map((o) => o.rail)).toEqual([undefined, undefined, undefined, ...Array(3).fill('breaker-share')]);
  });

  test("a tenant's share is of its own active keys over all partitions; unknown, the count alone bounds it", () => {
    const tenant = { count: 100, share: 0.5 };
    const settings = enforceSettings({ breaker: { ...breakerOf(1_000), tenant } });
    const one = noteActive(emptyState, 0, 100, TEN, new Map([['acme', 3]]));
    const two = noteActive(one, 1, 100, TEN, new Map([['acme', 1]]));
    const railsOf = (state: typeof one) => decideAll(state, many(4), TEN, { ...calm, settings }).map((o) => o.rail);
    expect(railsOf(two)).toEqual([undefined, undefined, 'tenant-breaker-share', 'tenant-breaker-share']);
    expect(railsOf(noteActive(emptyState, 0, 100, TEN, new Map([['other', 1]])))).toEqual(Array(4).fill(undefined));
  });

  test('lets a small fleet lose one key, none when the share is 0', () => {
    const small = noteActive(emptyState, 0, 12, TEN);
    const accepted = (share: number) => {
      const settings = enforceSettings({ breaker: breakerOf(1_000, share) });
      return decideAll(small, many(6), TEN, { ...calm, settings }).filter((o) => o.state === 'accepted').length;
    };
    expect(accepted(0.02)).toBe(1);
    expect(accepted(0)).toBe(0);
  });

  test('a report of active keys older than the window is not used', () => {
    const settings = enforceSettings({ breaker: breakerOf(1_000, 0.02) });
    const old = noteActive(emptyState, 0, 12, TEN - HOUR);
    expect(decideAll(old, many(6), TEN, { ...calm, settings }).every((o) => o.state === 'accepted')).toBe(true);
  });

  test('law: however many requests come, in whatever batches, no window sees more acceptances than the count', () => {
    const arrival = fc.record({ key: fc.nat(30), wait: fc.nat(20 * MINUTE), batch: fc.integer({ min: 1, max: 8 }) });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (arrivals, count) => {
        const settings = enforceSettings({ breaker: breakerOf(count) });
        let state = emptyState;
        let now = TEN;
        const times: number[] = [];
        arrivals.forEach(({ key, wait, batch }, i) => {
          now += wait;
          const requests = Array.from({ length: batch }, (_, j) =>
            actionRequest({ id: `r-${i}-${j}`, key: `k-${key + j}`, decidedAt: now }),
          );
          const outcomes = decideAll(state, requests, now, { settings, lagging: false });
          expect(outcomes).toHaveLength(batch);
          state = applyOutcomes(state, outcomes);
          for (const outcome of outcomes) if (outcome.state === 'accepted') times.push(outcome.at);
        });
        for (const at of times) {
          expect(times.filter((other) => other > at - HOUR && other <= at).length).toBeLessThanOrEqual(count);
        }
      }),
    );
  });
});

test('ids are remembered up to a bound; a request that might be a forgotten one is never acted on', () => {
  const lagging = { ...calm, lagging: true };
  const flood = many(MAX_SEEN + 10).map((r, i) => ({ ...r, decidedAt: TEN + i }));
  const state = applyOutcomes(emptyState, decideAll(emptyState, flood, TEN, lagging));
  expect(state.seen.size).toBe(MAX_SEEN);
  expect(decide(state, flood[3]!, TEN, calm)[0]).toMatchObject({ state: 'held', rail: 'stale' });
  expect(decide(state, flood[MAX_SEEN]!, TEN, calm)).toEqual([]);
  const fresh = actionRequest({ id: 'fresh', key: 'fresh', decidedAt: TEN + 5_000 });
  expect(decide(state, fresh, TEN + 5_000, calm)[0]!.state).toBe('accepted');
});
