import fc from 'fast-check';
import { type Enforcement, startEnforcement } from '../../src/adapters/enforcement';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import type { ActionRequest, Outcome } from '../../src/domain/action';
import type { AlertDocument } from '../../src/domain/alert';
import type { Clock, DeliveryResult, EnforcementCommand } from '../../src/ports';
import { actionRequest, HOUR, MINUTE, TEN } from '../support/action-request';
import { acknowledged, enforceConfig, memoryLedger, refused, scriptedCapabilities } from '../support/enforcement';
import { createVirtualClock, turnOver } from '../support/virtual-clock';

type Mood = 'ok' | 'refuse' | 'lose-answer';
interface Plan {
  readonly arrivals: readonly { key: number; wait: number }[];
  /** After how many effects each life of the process ends; the last life is not ended. */
  readonly lives: readonly { effects: number; downtime: number }[];
  /** How the receiver meets each attempt, in turn. */
  readonly moods: readonly Mood[];
}

const BREAKER = 3;
const forever = () => new Promise<never>(() => undefined);

/** A receiver that honours ids: acts once for each, whatever it answers. */
function createModelReceiver(moods: readonly Mood[], now: () => number) {
  const acted = new Map<string, { command: EnforcementCommand; at: number }>();
  const bodies = new Map<string, Set<string>>();
  const suspended = new Set<string>();
  const order: EnforcementCommand[] = [];
  let turn = 0;
  function receive(command: EnforcementCommand): DeliveryResult {
    const mood = moods[turn++ % moods.length]!;
    bodies.set(command.id, (bodies.get(command.id) ?? new Set()).add(JSON.stringify(command)));
    if (mood === 'refuse') return refused('HTTP 500');
    if (!acted.has(command.id)) {
      acted.set(command.id, { command, at: now() });
      order.push(command);
      const { key } = command.body.data as { key: { id: string } };
      if (command.type === 'key.suspend.requested') suspended.add(key.id);
      else suspended.delete(key.id);
    }
    return mood === 'ok' ? acknowledged : refused('timeout');
  }
  return { receive, acted, bodies, suspended, order };
}

/** Lives through the plan; each life loses everything but ledger, notices and what the receiver did. */
async function live(plan: Plan) {
  const clock = createVirtualClock(TEN);
  const lines: Outcome[] = [];
  const documents = new Map<string, AlertDocument>();
  const receiver = createModelReceiver(plan.moods, clock.now);

  async function begin(effects: number): Promise<{ enforcement: Promise<Enforcement>; dead: () => boolean }> {
    let left = effects;
    /** An effect happens or does not; with the last one the process ends, and nothing of it goes on. */
    const effect = async <T>(act: () => T | Promise<T>): Promise<T> => {
      if (left <= 0) return forever();
      left -= 1;
      if (left === 0) return forever();
      const value = await act();
      left -= 1;
      return left <= 0 ? forever() : value;
    };
    const mortal: Clock = {
      now: clock.now,
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        return left <= 0 ? forever() : undefined;
      },
    };
    const ledger = memoryLedger(lines);
    const enforcement = startEnforcement({
      ledger: { ...ledger, append: (outcomes) => effect(() => ledger.append(outcomes)) },
      enforcer: {
        name: 'model',
        capabilities: scriptedCapabilities,
        deliver: (command) => effect(() => receiver.receive(command)),
        close: async () => undefined,
      },
      clock: mortal,
      random: () => 0.5,
      config: enforceConfig({ breaker: { count: BREAKER, share: 1 } }),
      notices: (more) =>
        effect(() => {
          for (const document of more) documents.set(document.event.id, document);
        }),
      telemetry: createNoTelemetry(),
    });
    return { enforcement, dead: () => left <= 0 };
  }

  const arrivals = [...plan.arrivals];
  const arrived: ActionRequest[] = [];
  let serial = 0;
  for (const { effects, downtime } of [...plan.lives, { effects: Number.POSITIVE_INFINITY, downtime: 0 }]) {
    const { enforcement, dead } = await begin(effects);
    const running = await enforcement;
    // The first half sends again whatever it does not know to be durable.
    void running.submit(arrived, { lagging: false });
    await clock.advance(0);
    while (arrivals.length > 0 && !dead()) {
      const { key, wait } = arrivals.shift()!;
      await clock.advance(wait);
      serial += 1;
      const request = actionRequest({ id: `r-${serial}`, key: `k-${key}`, decidedAt: clock.now() });
      arrived.push(request);
      void running.submit([request], { lagging: false });
      await turnOver();
    }
    // Long enough for every suspension and every release to come to an end, or for the crash that was planned.
    for (let hours = 0; hours < 30 && !dead(); hours += 1) await clock.advance(HOUR);
    if (Number.isFinite(effects)) await clock.advance(downtime);
    else await running.stop();
  }
  return { lines, documents: [...documents.values()], receiver, arrived };
}

const plans: fc.Arbitrary<Plan> = fc.record({
  arrivals: fc.array(fc.record({ key: fc.nat(3), wait: fc.nat(40 * MINUTE) }), { minLength: 1, maxLength: 8 }),
  lives: fc.array(fc.record({ effects: fc.integer({ min: 1, max: 24 }), downtime: fc.nat(30 * MINUTE) }), {
    maxLength: 5,
  }),
  moods: fc.array(fc.constantFrom<Mood>('ok', 'ok', 'refuse', 'lose-answer'), { minLength: 1, maxLength: 12 }),
});

test('law: wherever the process dies, each command is carried out once at most, none late, and every end is told', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const { lines, documents, receiver, arrived } = await live(plan);
      const accepted = new Map(lines.filter((l) => l.state === 'accepted').map((l) => [l.requestId, l]));
      const told = (state: string) =>
        new Set(documents.filter((d) => d.keywatch.request!.state === state).map((d) => d.keywatch.request!.id));

      // One first outcome for each request, one end for each accepted one, each of them told.
      for (const { id } of arrived) {
        const own = lines.filter((l) => l.requestId === id);
        expect(own.filter((l) => l.request !== undefined)).toHaveLength(1);
        const last = own.at(-1)!;
        expect(['held', 'undelivered', 'released', 'release-undelivered']).toContain(last.state);
        expect(told(last.state)).toContain(id);
        if (last.state === 'released') expect(told('delivered')).toContain(id);
      }

      // Every attempt of a command had the same bytes, and what was carried out was in time.
      for (const [id, bodies] of receiver.bodies) expect([id, bodies.size]).toEqual([id, 1]);
      for (const { command, at } of receiver.acted.values()) {
        const request = accepted.get(command.id.replace(/-release$/, ''))!;
        if (command.type === 'key.suspend.requested') expect(at).toBeLessThan(request.notAfter!);
        else expect(at).toBeGreaterThanOrEqual(request.until!);
      }

      // A release follows the suspension that it ends.
      const position = new Map(receiver.order.map(({ id }, i) => [id, i]));
      for (const { id } of receiver.order.filter(({ type }) => type === 'key.release.requested')) {
        expect(position.get(id.replace(/-release$/, ''))).toBeLessThan(position.get(id)!);
      }

      // No key stays suspended without a person knowing.
      const open = new Set([...told('undelivered'), ...told('release-undelivered')]);
      for (const key of receiver.suspended) {
        expect([...accepted.values()].some((l) => l.request!.key === key && open.has(l.requestId))).toBe(true);
      }

      // The breaker holds over all lives.
      const times = [...accepted.values()].map(({ at }) => at);
      for (const at of times) {
        expect(times.filter((other) => other > at - HOUR && other <= at).length).toBeLessThanOrEqual(BREAKER);
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
