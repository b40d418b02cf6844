import type { Config } from '../config';
import type { ActionRequest, Outcome } from '../domain/action';
import type { AlertDocument } from '../domain/alert';
import { commandId, commandOf } from '../enforce/command';
import { noticesOf } from '../enforce/notice';
import { decideAll } from '../enforce/rails';
import { deadlineOf, due, givenUp, nextDue, retrySchedule, type Work } from '../enforce/schedule';
import type { EnforceSettings } from '../enforce/settings';
import { applyOutcomes, noteActive, replayLedger, type Standing, standingOf, suspendedKeys } from '../enforce/state';
import type { Clock, DeliveryResult, Enforcer, Ledger, Telemetry } from '../ports';
import { createTurns } from './turns';

/** Deliveries under way at once, over all keys. */
const PARALLEL = 4;
/** Longest sleep of the loop; a clock that was set is noticed after it. */
const MAX_SLEEP_MS = 60_000;
/** How long `stop` waits for deliveries under way before it aborts them. */
const STOP_GRACE_MS = 5_000;
/** A release this long overdue is a problem worth showing. */
const OVERDUE_MS = 900_000;

export interface EnforcementOptions {
  readonly ledger: Ledger;
  /** May be undefined in dry run only. */
  readonly enforcer: Enforcer | undefined;
  readonly clock: Clock;
  /** 0–1, for jitter. */
  readonly random: () => number;
  readonly config: Config['enforce'];
  /** Resolves when the documents are durable; may see a document again, with the same `event.id`, after a crash. */
  readonly notices: (documents: readonly AlertDocument[]) => Promise<void>;
  readonly telemetry: Pick<Telemetry, 'outcome' | 'breakerOpen' | 'suspended' | 'delivery'>;
}

export interface Enforcement {
  /**
   * Resolves when every request has its first outcome in the ledger and its notice is durable; delivery goes on in the
   * background. A known id is ignored. Rejects, with nothing decided, when notices or ledger fail; submit again then.
   */
  submit(requests: readonly ActionRequest[], context: { readonly lagging: boolean }): Promise<void>;
  /** `keys` of this partition were active within the breaker's window; replaces the partition's last report. */
  noteActive(partition: number, keys: number): void;
  /** Closes the circuit breaker, durably. `by` says who did it. */
  resetBreaker(by: string): Promise<void>;
  standing(key: string): Standing;
  /** Undefined when all is well, else what is wrong, for `/readyz`. */
  problem(): string | undefined;
  /** Resolves when no delivery is under way or waiting for another attempt; suspensions that run do not count. */
  idle(): Promise<void>;
  /** No new attempts; those under way get a grace, then are aborted and resumed by the next start. Does not close the ledger. */
  stop(): Promise<void>;
}

export const enforceSettings = (config: Config['enforce']): EnforceSettings => ({
  mode: config.mode,
  protectedKeys: new Set(config.protectedKeys),
  breaker: { count: config.breaker.count, share: config.breaker.share, windowMs: config.breaker.window },
  maxAgeMs: config.maxAge,
  notAfterMs: config.notAfter,
  keyCooldownMs: config.keyCooldown,
});

const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'unknown fault');

/**
 * Runs the second half: decides requests, delivers what was accepted, releases what has run its time. Loads the ledger
 * and resumes what it left open. Guarantees: an outcome is in the ledger before anything follows from it; a notice is
 * durable before its outcome is; one delivery per key at a time, a suspension always before its release; nothing is
 * sent after `notAfter`. A crash at any moment repeats at most a delivery or a notice, with the same id.
 */
export async function startEnforcement(options: EnforcementOptions): Promise<Enforcement> {
  const { ledger, enforcer, clock, random, telemetry } = options;
  const settings = enforceSettings(options.config);
  const enforcing = settings.mode === 'enforce';
  if (enforcing && enforcer === undefined) {
    throw new Error('enforce.mode is "enforce" but enforce.webhook names no receiver');
  }

  let state = replayLedger(await ledger.load());
  const tries = new Map<string, { count: number; nextAt: number }>();
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  const inTurn = createTurns();
  const stopping = new AbortController();
  const aborting = new AbortController();
  let underWay = 0;
  let fault: string | undefined;
  /** What the last failed attempt met; of interest while something waits for another. */
  let trouble: string | undefined;
  let wake = new AbortController();

  const report = () => {
    telemetry.breakerOpen(state.breaker.open);
    telemetry.suspended(suspendedKeys(state));
  };

  async function commit(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    const documents = noticesOf(state, outcomes, settings.mode);
    if (documents.length > 0) await options.notices(documents);
    await ledger.append(outcomes);
    state = applyOutcomes(state, outcomes);
    for (const outcome of outcomes) telemetry.outcome(outcome.state, outcome.rail);
    report();
    wake.abort();
  }

  /** What has happened cannot be undone by a full disk: record it again and again, until it is durable or we stop. */
  async function commitAtLast(outcome: Outcome): Promise<void> {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      try {
        await inTurn(() => commit([outcome]));
        fault = undefined;
        return;
      } catch (error) {
        fault = `enforcement: cannot record an outcome: ${messageOf(error)}`;
        await clock.sleep(retrySchedule(attempt, random), stopping.signal);
      }
    }
    await inTurn(() => commit([outcome])).catch(() => undefined);
  }

  /** One attempt that ends by `deadline` at the latest. */
  async function attempt(work: Extract<Work, { do: 'deliver' }>, receiver: Enforcer): Promise<DeliveryResult> {
    const late = new AbortController();
    const done = new AbortController();
    void clock.sleep(deadlineOf(work.suspension) - clock.now(), done.signal).then(() => late.abort());
    try {
      return await receiver.deliver(
        commandOf(work.suspension, work.kind),
        AbortSignal.any([late.signal, aborting.signal]),
      );
    } finally {
      done.abort();
    }
  }

  async function deliver(work: Extract<Work, { do: 'deliver' }>, receiver: Enforcer): Promise<void> {
    const { kind, id, suspension } = work;
    const command = commandId(id, kind);
    underWay += 1;
    const result = await attempt(work, receiver).finally(() => {
      underWay -= 1;
      wake.abort();
    });
    const at = clock.now();
    if (result.ok) {
      tries.delete(command);
      telemetry.delivery(receiver.name, 'written', 1);
      const done = kind === 'suspend' ? 'delivered' : 'released';
      return commitAtLast({ requestId: id, state: done, at, detail: result.detail });
    }
    if (aborting.signal.aborted) return;
    trouble = `${receiver.name}: ${result.detail}`;
    const count = (tries.get(command)?.count ?? 0) + 1;
    // A suspension that cannot arrive is worth an early word; a release is owed, and the receiver may be repaired.
    if ((kind === 'suspend' && result.permanent) || at >= deadlineOf(suspension)) {
      tries.delete(command);
      telemetry.delivery(receiver.name, 'failed', 1);
      return commitAtLast(givenUp(id, suspension, at, `${result.detail}, attempt ${count}`));
    }
    telemetry.delivery(receiver.name, 'retried', 1);
    tries.set(command, { count, nextAt: at + retrySchedule(count, random, kind, result.retryAfterMs) });
  }

  const nextTry = (work: Work): number =>
    work.do === 'record' ? 0 : (tries.get(commandId(work.id, work.kind))?.nextAt ?? 0);

  function begin(work: Work): void {
    const { key } = work.suspension.request;
    busy.add(key);
    if (work.do === 'record') {
      tries.delete(commandId(work.outcome.requestId, work.suspension.stage === 'accepted' ? 'suspend' : 'release'));
    }
    // A rejection here is a fault of ours; unhandled, it ends the process, and the next start resumes from the ledger.
    const task = (work.do === 'record' ? commitAtLast(work.outcome) : deliver(work, enforcer!)).finally(() => {
      busy.delete(key);
      running.delete(task);
      wake.abort();
    });
    running.add(task);
  }

  /** Begins what is due and free to run, the longest waiting first. Answers when to look again. */
  function pump(): number {
    const now = clock.now();
    let next = nextDue(state, now);
    const works = due(state, now, enforcing).filter(({ suspension }) => !busy.has(suspension.request.key));
    works.sort((a, b) => nextTry(a) - nextTry(b));
    for (const work of works) {
      const at = nextTry(work);
      if (work.do === 'deliver' && (enforcer === undefined || underWay >= PARALLEL)) continue;
      if (at > now) next = Math.min(next, at);
      else begin(work);
    }
    return next;
  }

  const owed = () => {
    const work = due(state, clock.now(), enforcing);
    return work.some((item) => item.do === 'record' || enforcer !== undefined);
  };

  function tellIdle(): void {
    if (!stopping.signal.aborted && (running.size > 0 || owed())) return;
    for (const resolve of waiting.splice(0)) resolve();
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      const next = pump();
      tellIdle();
      await clock.sleep(Math.max(0, Math.min(next - clock.now(), MAX_SLEEP_MS)), wake.signal);
    }
  }

  report();
  const looping = loop();

  return {
    submit: (requests, context) =>
      inTurn(() => commit(decideAll(state, requests, clock.now(), { settings, lagging: context.lagging }))),
    noteActive(partition, keys) {
      state = noteActive(state, partition, keys, clock.now());
    },
    resetBreaker: (by) =>
      inTurn(() => {
        const at = clock.now();
        return commit([{ requestId: `breaker-reset-${at}`, state: 'breaker-reset', at, detail: by.slice(0, 256) }]);
      }),
    standing: (key) => standingOf(state, key, clock.now(), settings.keyCooldownMs),
    problem() {
      if (fault !== undefined) return fault;
      const now = clock.now();
      const overdue = [...state.live.values()].filter(
        ({ stage, until }) => stage !== 'accepted' && now > until + OVERDUE_MS,
      ).length;
      if (overdue > 0) return `enforcement: ${overdue} releases are overdue`;
      return tries.size > 0 ? trouble : undefined;
    },
    idle() {
      return new Promise((resolve) => {
        waiting.push(resolve);
        wake.abort();
      });
    },
    async stop() {
      stopping.abort();
      wake.abort();
      const settled = new AbortController();
      void clock.sleep(STOP_GRACE_MS, settled.signal).then(() => aborting.abort());
      await Promise.all([looping, ...running]);
      await inTurn(async () => undefined);
      settled.abort();
      tellIdle();
    },
  };
}
