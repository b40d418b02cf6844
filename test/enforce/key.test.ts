import fc from 'fast-check';
import { isReversible, type KeyAction, keyActions, type Outcome, strengthOf } from '../../src/domain/action';
import { manualRelease, manualRequest } from '../../src/enforce/manual';
import { decideAll, decideManual } from '../../src/enforce/rails';
import { due } from '../../src/enforce/schedule';
import { standingOf } from '../../src/enforce/standing';
import { applyOutcomes, type EnforceState, emptyState } from '../../src/enforce/state';
import { actionRequest, breakerOf, enforceSettings, HOUR, MINUTE, TEN } from '../support/action-request';

const settings = enforceSettings({ breaker: breakerOf(100_000), automaticRevoke: true, maxAgeMs: 1e12 });

/** What a person would say of one key: what holds, until when, and when it last changed. */
interface Model {
  now: number;
  holds: { action: KeyAction; until: number } | undefined;
  changed: number;
  released: number;
}

interface Real {
  state: EnforceState;
  serial: number;
}

const commit = (real: Real, outcomes: readonly Outcome[]) => {
  real.state = applyOutcomes(real.state, outcomes);
};

/** The receiver acknowledges at once everything that is due. */
function settle(model: Model, real: Real): void {
  for (let work = due(real.state, model.now); work.length > 0; work = due(real.state, model.now)) {
    const [next] = work;
    if (next!.do === 'record') commit(real, [next!.outcome]);
    else {
      const state = next!.kind === 'act' ? 'delivered' : 'released';
      commit(real, [{ requestId: next!.id, state, at: model.now }]);
    }
  }
}

class Ask implements fc.Command<Model, Real> {
  constructor(
    private readonly action: KeyAction,
    private readonly durationMs: number,
  ) {}
  check = () => true;
  run(model: Model, real: Real): void {
    real.serial += 1;
    const { action, durationMs } = this;
    const request = actionRequest({ id: `r-${real.serial}`, action, durationMs, decidedAt: model.now });
    const [outcome] = decideAll(real.state, [request], model.now, { settings, lagging: false });
    const weaker = model.holds !== undefined && strengthOf(action) <= strengthOf(model.holds.action);
    const cooling = model.now - model.changed < settings.keyCooldownMs;
    expect(outcome!.state).toBe(weaker || cooling || model.now <= model.released ? 'held' : 'accepted');
    commit(real, [outcome!]);
    if (outcome!.state === 'accepted') {
      expect((outcome!.until ?? Number.POSITIVE_INFINITY) - model.now).toBeGreaterThanOrEqual(durationMs);
      model.holds = { action, until: outcome!.until ?? Number.POSITIVE_INFINITY };
      model.changed = model.now;
    }
    settle(model, real);
    holds(model, real);
  }
  toString = () => `ask(${this.action}, ${this.durationMs})`;
}

class Release implements fc.Command<Model, Real> {
  check = () => true;
  run(model: Model, real: Real): void {
    const outcomes = manualRelease(real.state, { key: 'key-1', by: 'ann', reason: 'mine' }, model.now);
    expect(outcomes === undefined).toBe(model.holds?.action === 'revoke');
    if (outcomes === undefined) return;
    commit(real, outcomes);
    if (model.holds !== undefined) model.changed = model.now;
    model.holds = undefined;
    model.released = model.now;
    settle(model, real);
    holds(model, real);
    const old = actionRequest({ id: `old-${real.serial}-${model.now}`, decidedAt: model.now });
    expect(decideAll(real.state, [old], model.now + HOUR, { settings, lagging: false })[0]).toMatchObject({
      state: 'held',
      rail: 'released-by-person',
    });
  }
  toString = () => 'release()';
}

class Wait implements fc.Command<Model, Real> {
  constructor(private readonly ms: number) {}
  check = () => true;
  run(model: Model, real: Real): void {
    model.now += this.ms;
    if (model.holds !== undefined && model.now >= model.holds.until) {
      model.holds = undefined;
      model.changed = model.now;
    }
    settle(model, real);
    holds(model, real);
  }
  toString = () => `wait(${this.ms})`;
}

const named = { 'rate-limit': 'rate-limited', 'step-up': 'stepped-up', suspend: 'suspended', revoke: 'revoked' };

function holds(model: Model, real: Real): void {
  const { state } = standingOf(real.state, 'key-1', model.now, settings);
  if (model.holds !== undefined) expect(state).toBe(named[model.holds.action]);
  else expect(['quiet', 'raised', 'cooling']).toContain(state);
}

test('model: the strongest action holds until its end or a release, and nothing else', () => {
  const commands = [
    fc.tuple(fc.constantFrom(...keyActions), fc.integer({ min: 20 * MINUTE, max: 4 * HOUR })).map((a) => new Ask(...a)),
    fc.constant(new Release()),
    fc.integer({ min: 1, max: 3 * HOUR }).map((ms) => new Wait(ms)),
  ];
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 30 }), (run) => {
      const setup = () => ({
        model: { now: TEN, holds: undefined, changed: Number.NEGATIVE_INFINITY, released: Number.NEGATIVE_INFINITY },
        real: { state: emptyState, serial: 0 },
      });
      fc.modelRun(setup, run);
    }),
    { numRuns: 150 },
  );
});

test('a flapping key is suspended once at a time, each time for longer, up to the cap', () => {
  let state = emptyState;
  let now = TEN;
  const lasted: number[] = [];
  for (let i = 0; i < 7; i++) {
    const asked = [0, 1, 2].map((j) => actionRequest({ id: `${i}-${j}`, decidedAt: now }));
    const outcomes = decideAll(state, asked, now, { settings, lagging: false });
    expect(outcomes.map((o) => o.state)).toEqual(['accepted', 'held', 'held']);
    const until = outcomes[0]!.until!;
    lasted.push((until - now) / HOUR);
    const end = (name: Outcome['state'], at: number): Outcome => ({ requestId: `${i}-0`, state: name, at });
    state = applyOutcomes(state, [
      ...outcomes,
      end('delivered', now),
      end('release-due', until),
      end('released', until),
    ]);
    now = until + MINUTE;
  }
  expect(lasted).toEqual([1, 2, 4, 8, 16, 24, 24]);
});

test('a person’s own action: no cooldown, breaker or age; not on a protected key, unless forced; not in dry run', () => {
  const strict = enforceSettings({ breaker: breakerOf(1, 0), protectedKeys: new Map([['key-1', TEN + HOUR]]) });
  const about = { key: 'key-1', by: 'ann', reason: 'leaked', durationMs: HOUR };
  const request = manualRequest(about, TEN, '1');
  const outcome = (over: object, forced: boolean, now = TEN) =>
    decideManual(emptyState, request, now, { ...strict, ...over }, forced)[0];
  expect(outcome({}, false)).toMatchObject({ state: 'held', rail: 'protected-key' });
  expect(outcome({}, true)).toMatchObject({ state: 'accepted', until: TEN + HOUR });
  expect(outcome({}, false, TEN + HOUR)).toMatchObject({ state: 'accepted' });
  expect(outcome({ mode: 'dry-run' }, true)).toMatchObject({ state: 'held', rail: 'dry-run' });
  expect(applyOutcomes(emptyState, [outcome({}, true)!]).circuits.fleet.accepted).toEqual([]);
});

test('what the enforcer cannot do, and a revocation that nobody allowed, is held and never replaced', () => {
  const able = { actions: new Set<KeyAction>(['suspend', 'revoke']), keyKinds: new Set(['hash' as const]) };
  const rail = (over: object, request = actionRequest({ keyKind: 'hash' })) =>
    decideAll(emptyState, [request], TEN, { settings: { ...settings, able, ...over }, lagging: false })[0];
  expect(rail({})).toMatchObject({ state: 'accepted' });
  expect(rail({}, actionRequest({ keyKind: 'consumer' }))).toMatchObject({ rail: 'not-allowed' });
  expect(rail({}, actionRequest({ keyKind: 'hash', action: 'step-up' }))).toMatchObject({ rail: 'not-allowed' });
  const revoke = actionRequest({ keyKind: 'hash', action: 'revoke' });
  expect(rail({ automaticRevoke: false }, revoke)).toMatchObject({ rail: 'not-allowed' });
  expect(isReversible('revoke')).toBe(false);
});
