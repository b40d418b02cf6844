import type { EachBatchPayload, Kafka } from 'kafkajs';
import { type KafkaLog, retryPolicy } from './connection';
import { explain, untilDone } from './faults';
import { oneHolder } from './one-holder';
import { countPartitions } from './places';
import { type Errand, errandOf } from './requests';

/** What the active instance does. All are called for one term of duty at a time, never two at once. */
export interface Officer {
  /** Resolves when the errands, in the order of the topic, are durable: they are then committed. Rejects to be asked again. */
  take(errands: readonly Errand[]): Promise<void>;
  /** Nothing more may be done when it resolves. */
  end(): Promise<void>;
}

export interface DutyOptions {
  /** A client of its own: a stop disconnects it. */
  readonly kafka: Kafka;
  readonly topic: string;
  readonly group: string;
  /** Milliseconds without a heartbeat after which the group makes another one active; brokers want 6 s or more. */
  readonly sessionTimeout: number;
  /** Begins a term; `held` is false as soon as another instance may have begun its own: nothing may be written then. */
  readonly begin: (held: () => boolean) => Promise<Officer>;
  readonly log: KafkaLog;
}

export interface Duty {
  /** Resolves after `stop`; rejects on a fault that needs a restart. */
  run(): Promise<void>;
  /** Ends the term in progress, commits, and leaves the group, so that another one begins at once. */
  stop(): Promise<void>;
  active(): boolean;
  problem(): string | undefined;
}

/** Errands handed over at once, at most; commits come after each hand-over. */
const AT_ONCE = 200;
const TRY_AGAIN_MS = 1_000;

/**
 * One instance of many is active: the member of a consumer group that holds the topic's only partition. The others stand by
 * in the same group. One that dies is replaced after `sessionTimeout`; one that was only slow finds its lease over (no
 * heartbeat for that time, by the process's own clock) and stops writing, whatever the group has made of it meanwhile.
 */
export function createDuty({ kafka, topic, group, sessionTimeout, begin, log }: DutyOptions): Duty {
  const heartbeatMs = Math.max(200, Math.min(3_000, Math.floor(sessionTimeout / 3)));
  const halt = new AbortController();
  let trouble: string | undefined = 'not connected yet';
  let fault: { readonly error: unknown } | undefined;
  let beatAt = Number.NEGATIVE_INFINITY;
  /** Counts joins: what was begun under an older one is over. */
  let generation = 0;
  let officer: Officer | undefined;
  /** Our member id when the term began: another one means that the group had given us up, and perhaps another a term. */
  let termOf = '';
  let turn: Promise<unknown> = Promise.resolve();
  let running: Promise<void> | undefined;

  const since = Date.now();
  const leaseHolds = () => performance.now() - beatAt < sessionTimeout;
  const consumer = kafka.consumer({
    groupId: group,
    partitionAssigners: [oneHolder(() => ({ held: officer !== undefined && leaseHolds(), since }))],
    sessionTimeout,
    rebalanceTimeout: Math.max(sessionTimeout, 30_000),
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
    retry: { ...retryPolicy, restartOnFailure: async () => !halt.signal.aborted },
  });

  /** Told of heartbeats that the group has answered; a call of `heartbeat` alone may send none. */
  const beaten = () => {
    beatAt = performance.now();
  };
  const fail = (error: unknown) => {
    fault ??= { error };
    trouble = explain(error, topic);
    halt.abort();
  };
  const inTurn = (work: () => Promise<void>) => {
    turn = turn.then(work).catch(fail);
  };

  const endTerm = async () => {
    const over = officer;
    officer = undefined;
    if (over === undefined) return;
    await over.end();
    log('info', 'enforcement stands by', { topic, group });
  };

  const joined = (mine: boolean, memberId: string) => {
    const joinedAs = ++generation;
    beaten();
    trouble = undefined;
    if (mine) consumer.pause([{ topic, partitions: [0] }]);
    const current = () => generation === joinedAs && !halt.signal.aborted;
    inTurn(async () => {
      if (!mine || memberId !== termOf) await endTerm();
      if (!mine || !current()) return;
      if (officer === undefined) {
        termOf = memberId;
        officer = await begin(leaseHolds);
        log('info', 'enforcement is active', { topic, group });
      }
      if (current()) consumer.resume([{ topic, partitions: [0] }]);
    });
  };

  const handOver = async (errands: readonly Errand[], heartbeat: () => Promise<void>) => {
    for (;;) {
      const mine = officer;
      if (mine === undefined || halt.signal.aborted) throw new Error('no longer active');
      const timer = setInterval(() => void heartbeat().catch(() => undefined), heartbeatMs);
      try {
        await mine.take(errands);
        trouble = undefined;
        return;
      } catch (error) {
        trouble = `requests wait: ${error instanceof Error ? error.message : String(error)}`;
        log('warn', trouble, { topic });
      } finally {
        clearInterval(timer);
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      await heartbeat();
    }
  };

  const eachBatch = async (payload: EachBatchPayload) => {
    const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary } = payload;
    for (let at = 0; at < batch.messages.length; at += AT_ONCE) {
      const messages = batch.messages.slice(at, at + AT_ONCE);
      const errands = messages.flatMap(({ value }) => errandOf(value) ?? []);
      if (errands.length < messages.length) log('warn', 'records that are no requests are passed over', { topic });
      await handOver(errands, heartbeat);
      const last = messages[messages.length - 1].offset;
      resolveOffset(last);
      const offset = String(Number(last) + 1);
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition: 0, offset }] }] });
      await heartbeat();
    }
  };

  const run = async () => {
    const waiting = {
      signal: halt.signal,
      topic,
      report: (problem: string) => {
        trouble = problem;
      },
    };
    const count = await untilDone(() => countPartitions(kafka, topic), waiting);
    if (count !== undefined && count !== 1)
      throw new Error(`topic ${topic} has ${count} partitions; it needs exactly 1: one instance is active`);
    consumer.on('consumer.group_join', ({ payload }) =>
      joined((payload.memberAssignment[topic] ?? []).includes(0), payload.memberId),
    );
    consumer.on('consumer.heartbeat', beaten);
    consumer.on('consumer.crash', ({ payload }) => {
      if (halt.signal.aborted) return;
      if (payload.restart) trouble = `connection lost, starting again: ${explain(payload.error, topic)}`;
      else fail(payload.error);
    });
    await untilDone(async () => {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
    }, waiting);
    if (!halt.signal.aborted)
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(fail);
    await new Promise<void>((resolve) => {
      if (halt.signal.aborted) resolve();
      halt.signal.addEventListener('abort', () => resolve());
    });
    await turn;
    await endTerm();
    await consumer.disconnect().catch((error) => log('warn', 'disconnecting failed', { error: explain(error, topic) }));
    if (fault !== undefined) throw fault.error;
  };

  return {
    run() {
      running = run();
      return running;
    },
    async stop() {
      halt.abort();
      await running?.catch(() => undefined);
    },
    active: () => officer !== undefined,
    problem: () => trouble,
  };
}
