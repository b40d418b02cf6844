import { commandId, commandOf } from '../../enforce/command';
import { deadlineOf, due, givenUp, nextDue, retrySchedule, type Work } from '../../enforce/schedule';
import { recordOf } from '../../enforce/state';
import type { DeliveryResult, Enforcer } from '../../ports';
import type { Desk } from './desk';
import type { Sightings } from './sightings';
import type { EnforcementOptions } from './types';

/** Deliveries under way at once, over all keys. */
const PARALLEL = 4;

type Delivery = Extract<Work, { do: 'deliver' }>;

/** Carries out what the schedule says is due: one delivery a key at a time, the longest waiting first. */
export interface Deliveries {
  /** Begins what is due and free to run. Answers when to look again, wall clock, milliseconds. */
  pump(): number;
  /** Ends attempts of actions that are not to be carried out any more. */
  recall(requestIds: readonly string[]): void;
  /** True when something is under way or waits for an attempt. */
  busy(): boolean;
  /** What the last failed attempt met, while something waits for another. */
  trouble(): string | undefined;
  settled(): Promise<unknown>;
}

export function createDeliveries(
  options: EnforcementOptions,
  desk: Desk,
  sightings: Sightings | undefined,
  acting: boolean,
  aborting: AbortSignal,
  wake: () => void,
): Deliveries {
  const { enforcer, clock, random, telemetry } = options;
  const tries = new Map<string, { count: number; nextAt: number }>();
  const keys = new Set<string>();
  const running = new Set<Promise<void>>();
  const attempts = new Map<string, AbortController>();
  let underWay = 0;
  let trouble: string | undefined;

  /** Whether the key may be as the command wants it because of an attempt before, or of the action that this one renews. */
  const mayBeOurs = ({ id, kind, live }: Delivery) =>
    tries.has(commandId(id, kind)) ||
    recordOf(desk.state(), live.request.key).live.some(
      (other) => other.request.id !== id && other.stage !== 'accepted' && other.request.action === live.request.action,
    );

  /** One attempt that ends by its deadline at the latest. */
  async function attempt(work: Delivery, receiver: Enforcer): Promise<DeliveryResult> {
    const ended = new AbortController();
    const done = new AbortController();
    attempts.set(work.id, ended);
    void clock.sleep(deadlineOf(work.live) - clock.now(), done.signal).then(() => ended.abort());
    try {
      const signal = AbortSignal.any([ended.signal, aborting]);
      return await receiver.deliver(commandOf(work.live, work.kind), signal, mayBeOurs(work));
    } finally {
      attempts.delete(work.id);
      done.abort();
    }
  }

  /** Whether a person, or a stronger action, has made the delivery pointless while it was under way. */
  const overtaken = ({ id, kind }: Delivery) => (desk.liveOf(id)?.stage === 'release-due') !== (kind === 'release');

  async function deliver(work: Delivery, receiver: Enforcer): Promise<void> {
    const { kind, id, live } = work;
    const command = commandId(id, kind);
    underWay += 1;
    const result = await attempt(work, receiver).finally(() => {
      underWay -= 1;
      wake();
    });
    const at = clock.now();
    if (overtaken(work)) {
      tries.delete(command);
      return;
    }
    if (result.ok) {
      tries.delete(command);
      telemetry.delivery(receiver.name, 'written', 1);
      const done = kind === 'act' ? 'delivered' : 'released';
      return desk.commitAtLast({ requestId: id, state: done, at, detail: result.detail });
    }
    if (aborting.aborted) return;
    trouble = `${receiver.name}: ${result.detail}`;
    const count = (tries.get(command)?.count ?? 0) + 1;
    // An action that cannot arrive is worth an early word; a release is owed, and the receiver may be repaired.
    if ((kind === 'act' && result.permanent) || at >= deadlineOf(live)) {
      tries.delete(command);
      telemetry.delivery(receiver.name, 'failed', 1);
      return desk.commitAtLast(givenUp(id, live, at, `${result.detail}, attempt ${count}`));
    }
    telemetry.delivery(receiver.name, 'retried', 1);
    tries.set(command, { count, nextAt: at + retrySchedule(count, random, kind, result.retryAfterMs) });
  }

  const nextTry = (work: Work): number =>
    work.do === 'record' ? 0 : (tries.get(commandId(work.id, work.kind))?.nextAt ?? 0);

  function begin(work: Work): void {
    const { request, stage } = work.live;
    keys.add(request.key);
    if (work.do === 'record') tries.delete(commandId(request.id, stage === 'accepted' ? 'act' : 'release'));
    // A rejection here is a fault of ours; unhandled, it ends the process, and the next start resumes from the ledger.
    const task = (work.do === 'record' ? desk.commitAtLast(work.outcome) : deliver(work, enforcer!)).finally(() => {
      keys.delete(request.key);
      running.delete(task);
      wake();
    });
    running.add(task);
  }

  const free = ({ live }: Work) => !keys.has(live.request.key);

  return {
    pump() {
      const now = clock.now();
      let next = Math.min(nextDue(desk.state(), now), sightings?.next(now) ?? Number.POSITIVE_INFINITY);
      const works: Work[] = due(desk.state(), now, acting).filter(free);
      works.sort((a, b) => nextTry(a) - nextTry(b));
      for (const work of works) {
        const at = nextTry(work);
        if (!free(work)) continue;
        if (work.do === 'deliver' && (enforcer === undefined || underWay >= PARALLEL)) continue;
        if (at > now) next = Math.min(next, at);
        else begin(work);
      }
      for (const { live, outcome } of sightings?.verdicts(now) ?? []) {
        const work: Work = { do: 'record', live, outcome };
        if (free(work)) begin(work);
      }
      return next;
    },
    recall(requestIds) {
      for (const id of requestIds) attempts.get(id)?.abort();
    },
    busy() {
      if (running.size > 0) return true;
      return due(desk.state(), clock.now(), acting).some((work) => work.do === 'record' || enforcer !== undefined);
    },
    trouble: () => (tries.size > 0 ? trouble : undefined),
    settled: () => Promise.all(running),
  };
}
