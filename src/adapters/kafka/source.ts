import type { ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import type { RawRecord, Source, SourceHandler } from '../../ports';
import { type CommitNow, type Commits, commitStart, createCommits, fenced } from './commits';
import { type KafkaLog, retryPolicy } from './connection';
import { deadline, explain, untilDone } from './faults';
import { countPartitions, lookUp, mustHave, type PartitionFacts, type Start, within } from './places';
import { toRecords } from './records';
import { recordSlices, type SliceLimits, sliceEnd, watchForLoss } from './slices';

/**
 * A topic as a `Source`, read as a member of a consumer group.
 *
 * - After a rebalance a partition that stays goes on behind its last finished slice, without `assigned` being called
 *   again, unless another member has committed past that: then it is revoked and assigned anew.
 * - `assigned` answering undefined means the committed place, and on a first start the configured one, which is
 *   committed at once so that a crash before the first slice skips nothing.
 * - Null values (tombstones) arrive as empty records. Offsets have gaps where transactions or compaction left them.
 * - Records deleted by retention before they were read are gone: an error line says how many. A place behind the end of
 *   the topic (it was created anew) rejects `run`.
 * - A member that hears, by a commit or after a silence longer than its session, that it may have lost its partitions hands
 *   nothing more over until it has joined anew.
 * - `stop` does not call `revoked`: `run` resolving says that nothing more comes.
 */

/** How long `stop` waits for the slice in progress, the last commit and the leaving of the group. */
const STOP_MS = 30_000;

/** How long the others wait for a member's slice in progress when the group rebalances. */
const REBALANCE_MS = 60_000;

export interface KafkaSourceOptions {
  /** A client of the source's own: the client shares committed offsets among consumers of one group. */
  readonly kafka: Kafka;
  readonly topic: string;
  readonly group: string;
  readonly start: Start;
  /** Milliseconds without a heartbeat after which the group takes the partitions away; brokers want 6 s or more. */
  readonly sessionTimeout: number;
  readonly log: KafkaLog;
  /** Told whenever records were deleted before they were read. */
  readonly lost?: (() => void) | undefined;
  /** Partitions that the topic must have; another number rejects `run`. */
  readonly partitions?: number;
  readonly slices?: SliceLimits;
  /** Partitions that are handed over at a time, so that one may wait while another works. */
  readonly concurrency?: number;
}

/** A partition that is ours, and the next offset wanted. */
interface Held {
  next: number;
  /** False between a rejoin and the end of its takeover: nothing may be handed over. */
  live: boolean;
  /** The slice in progress, or the last one. Never rejects. */
  slice: Promise<void>;
}

export function createKafkaSource(options: KafkaSourceOptions): Source {
  const { kafka, topic, group, sessionTimeout, log, lost, slices = recordSlices, concurrency = 1 } = options;
  const heartbeatMs = Math.max(200, Math.min(3_000, Math.floor(sessionTimeout / 3)));
  const held = new Map<number, Held>();
  const halt = new AbortController();
  const commits: Commits = createCommits(topic, (error) =>
    log('debug', 'commit did not succeed', { topic, group, error: explain(error, topic) }),
  );
  const lookForLoss = watchForLoss(kafka, { topic, group, log, lost });
  let handler: SourceHandler;
  let trouble: string | undefined = 'not connected yet';
  let fault: { readonly error: unknown } | undefined;
  let lastBeat = Date.now();
  /** Counts joins: what was begun under an older one must not act any more. */
  let generation = 0;
  let takeover: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | undefined;
  let ended = false;

  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout,
    rebalanceTimeout: REBALANCE_MS,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: 500,
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    // A source that was told to stop must not come back from a restart that was under way.
    retry: { ...retryPolicy, restartOnFailure: async () => !halt.signal.aborted },
  });

  const say = (problem: string | undefined) => {
    if (problem === trouble) return;
    trouble = problem;
    if (problem === undefined) log('info', 'reading', { topic, group });
    else log('warn', problem, { topic, group });
  };

  /** The first fault counts: reading halts and `run` rejects with it. */
  const fail = (error: unknown) => {
    if (fault) return;
    fault = { error };
    say(explain(error, topic));
    halt.abort();
  };

  const beat = async (heartbeat: () => Promise<void>) => {
    await heartbeat();
    lastBeat = Date.now();
  };

  /** The handler may wait for a slow sink: heartbeats go on meanwhile. What they say is heard by the next one. */
  const handOver = async (partition: number, records: RawRecord[], lag: number, heartbeat: () => Promise<void>) => {
    const timer = setInterval(() => (ended ? clearInterval(timer) : void beat(heartbeat).catch(() => {})), heartbeatMs);
    try {
      await handler.slice({ partition, records, cursor: '', start: '', lag });
    } finally {
      clearInterval(timer);
    }
  };

  const eachBatch = async (payload: EachBatchPayload) => {
    const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary } = payload;
    const { partition } = batch;
    const mine = held.get(partition);
    if (!mine) return;
    const end = Number(batch.highWatermark);
    const messages = batch.messages;
    const joinedAs = generation;
    const commit = fenced(commitOffsetsIfNecessary as CommitNow, () => {
      if (generation === joinedAs) for (const entry of held.values()) entry.live = false;
    });
    const going = () => mine.live && !halt.signal.aborted;
    if (going() && Number(messages[0].offset) > mine.next) void lookForLoss(partition, mine.next);
    try {
      for (let at = 0; at < messages.length && going(); ) {
        // Nobody heard of us for so long that others may have the partition: the next heartbeat says so.
        if (Date.now() - lastBeat > sessionTimeout) await beat(heartbeat);
        const to = sliceEnd(messages, at, slices);
        const records = toRecords(messages.slice(at, to), mine.next);
        if (records.length > 0) {
          const next = records[records.length - 1].offset + 1;
          const work = handOver(partition, records, Math.max(0, end - next), heartbeat);
          mine.slice = work.catch(fail);
          await mine.slice;
          if (fault) return;
          mine.next = next;
          // Not live: the group was joined anew meanwhile, and this commit would speak for the wrong generation.
          if (!mine.live) return;
          commits.note(partition, next, commit);
        }
        resolveOffset(messages[to - 1].offset);
        at = to;
        await new Promise((resolve) => setImmediate(resolve));
        await beat(heartbeat);
      }
      // Behind the last record may lie the marks of a transaction, which no handler sees.
      if (going()) mine.next = Math.max(mine.next, Number(batch.lastOffset()) + 1);
    } catch (error) {
      // Most likely a rebalance, in which the old generation may still commit until all have joined the new one.
      await commits.flush();
      throw error;
    }
  };

  const giveUp = async (partition: number) => {
    const lost = held.get(partition);
    if (!lost) return;
    await lost.slice;
    await handler.revoked(partition);
    held.delete(partition);
  };

  const takeOver = async (partition: number, facts: PartitionFacts): Promise<Held> => {
    const known = held.get(partition);
    await known?.slice;
    if (known && (facts.committed ?? 0) <= known.next) {
      known.next = within(known.next, { topic, partition, facts, log, lost });
      return known;
    }
    await giveUp(partition);
    const { committed } = facts;
    const place = await handler.assigned(
      partition,
      committed === undefined ? undefined : { next: committed, cursor: '' },
    );
    const next = within(place?.next ?? committed ?? facts.start, { topic, partition, facts, log, lost });
    const entry = { next, live: false, slice: Promise.resolve() };
    held.set(partition, entry);
    return entry;
  };

  const settle = async (mine: readonly number[], current: () => boolean) => {
    for (const partition of [...held.keys()]) if (!mine.includes(partition)) await giveUp(partition);
    if (mine.length === 0 || !current()) return;
    const waiting = { signal: halt.signal, report: say, topic };
    const facts = await untilDone(() => lookUp(kafka, topic, group, options.start), waiting);
    if (!facts || !current()) return;
    say(undefined);
    await commitStart(consumer, topic, facts, log);
    for (const partition of mine) {
      if (!current()) return;
      const found = facts.get(partition);
      if (!found) throw new Error(`the broker does not know partition ${partition} of ${topic} that it assigned`);
      const entry = await takeOver(partition, found);
      if (!current()) return;
      consumer.seek({ topic, partition, offset: String(entry.next) });
      entry.live = true;
      consumer.resume([{ topic, partitions: [partition] }]);
    }
  };

  /** Runs inside the join, before its first fetch: what is paused here is not read until its takeover is done. */
  const joined = (event: ConsumerGroupJoinEvent) => {
    const joinedAs = ++generation;
    const mine = event.payload.memberAssignment[topic] ?? [];
    for (const entry of held.values()) entry.live = false;
    commits.drop();
    if (mine.length > 0) consumer.pause([{ topic, partitions: [...mine] }]);
    lastBeat = Date.now();
    say(undefined);
    log('info', 'joined the group', { topic, group, partitions: [...mine] });
    const current = () => generation === joinedAs && !halt.signal.aborted;
    takeover = takeover.then(() => (fault ? undefined : settle(mine, current))).catch(fail);
  };

  const halted = () =>
    new Promise<void>((resolve) => {
      if (halt.signal.aborted) resolve();
      halt.signal.addEventListener('abort', () => resolve());
    });

  const leave = async () => {
    await Promise.all([takeover, ...[...held.values()].map((entry) => entry.slice)]);
    await commits.flush();
    await consumer.disconnect().catch((error) => log('warn', 'disconnecting failed', { error: explain(error, topic) }));
  };

  const run = async (given: SourceHandler) => {
    handler = given;
    const waiting = { signal: halt.signal, report: say, topic };
    const partitions = await untilDone(() => countPartitions(kafka, topic), waiting);
    if (partitions !== undefined && !halt.signal.aborted) {
      mustHave(options.partitions, partitions, topic);
      consumer.on('consumer.group_join', joined);
      consumer.on('consumer.heartbeat', () => {
        lastBeat = Date.now();
      });
      consumer.on('consumer.crash', ({ payload }) => {
        if (halt.signal.aborted) return;
        if (payload.restart) say(`connection lost, starting again: ${explain(payload.error, topic)}`);
        else fail(payload.error);
      });
      await untilDone(async () => {
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
      }, waiting);
      commits.start();
      const config = {
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch,
      };
      if (!halt.signal.aborted) await consumer.run(config).catch(fail);
      await halted();
    }
    const timeout = deadline(STOP_MS, 'the slice in progress or the leaving of the group did not end in time');
    try {
      await Promise.race([leave(), timeout.passed]);
    } catch (error) {
      fault ??= { error };
    } finally {
      timeout.clear();
      commits.stop();
      ended = true;
    }
    if (fault) throw fault.error;
  };

  let running: Promise<void> | undefined;
  return {
    name: `kafka:${topic}`,
    run: (given) => {
      running = run(given);
      return running;
    },
    stop: () => {
      halt.abort();
      stopped ??= (running ?? Promise.resolve()).catch(() => {});
      return stopped;
    },
    problem: () => {
      if (trouble !== undefined || ended || generation === 0) return trouble;
      const silent = Date.now() - lastBeat;
      return silent > sessionTimeout ? `no heartbeat from the group for ${Math.round(silent / 1_000)} s` : undefined;
    },
  };
}
