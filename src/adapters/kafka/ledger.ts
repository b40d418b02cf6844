import type { Outcome } from '../../domain/action';
import type { Ledger } from '../../ports';
import { KEEP_MS, type Latest, MOST_ENDED, noLongerNeeded } from '../ledger-bounds';
import { createTurns } from '../turns';
import type { KeyedTopic } from './keyed-topic';

export interface KafkaLedgerOptions {
  /** Wall clock, milliseconds. */
  readonly now?: () => number;
  /** As of the file ledger: requests that ended longer ago are dropped, and those beyond the newest so many. */
  readonly keepMs?: number;
  readonly maxEnded?: number;
}

/** All of it lies in one partition: the order of outcomes counts. */
const PARTITION = 0;
/** Below the brokers' usual limit of a megabyte a batch. */
const BATCH_BYTES = 700_000;
const TOMBSTONES = 1_000;
/** Appended outcomes between two looks at what is no longer needed. */
const LOOK_EVERY = 1_000;

/** A record: the outcome, and its place among all. A changed one keeps its place. */
interface Line {
  readonly seq: number;
  readonly outcome: Outcome;
}

/** What of a request is in the topic: its newest outcome, and the ends of its keys. */
interface Entry extends Latest {
  readonly ends: string[];
}

/**
 * The ledger in a compacted topic with one partition, for the instance that is active. Each outcome has a key of its own,
 * request id, state, and how many of this state the request had before: compaction takes nothing but an outcome that is
 * written once more because its first append seemed to fail. `append` resolves when all replicas in sync have it; where it
 * rejects it may be there all the same, and its repetition replaces it. Requests that need not be kept are deleted at
 * `load` and now and then. `load` rejects where a record cannot be read, for then nobody knows which keys are suspended.
 * `rewrite` replaces records one batch after another: after a rejection some may be replaced, and it should be tried again. What
 * was replaced or deleted stays on the brokers until they compact (`max.compaction.lag.ms`).
 */
export function createKafkaLedger(topic: KeyedTopic, options: KafkaLedgerOptions = {}): Ledger {
  const { now = Date.now, keepMs = KEEP_MS, maxEnded = MOST_ENDED } = options;
  const inTurn = createTurns();
  const index = new Map<string, Entry>();
  let nextSeq = 0;
  let loaded = false;
  let sinceLook = 0;

  const keyOf = (id: string, end: string) => `${id}/${end}`;

  /** The end of the key of a request's next outcome. */
  function endOf({ requestId, state }: Outcome, ends: readonly string[] = index.get(requestId)?.ends ?? []): string {
    return `${state}/${ends.filter((end) => end.startsWith(`${state}/`)).length}`;
  }

  function note(outcome: Outcome, end: string): void {
    const { requestId, state, at } = outcome;
    const ends = index.get(requestId)?.ends ?? [];
    if (!ends.includes(end)) ends.push(end);
    index.set(requestId, { state, at, ends });
  }

  async function readAll(): Promise<Map<string, Line>> {
    const count = await topic.partitions();
    if (count !== 1) throw new Error(`ledger: topic ${topic.name} has ${count} partitions; it needs exactly 1`);
    const low = await topic.low(PARTITION);
    const end = await topic.append(PARTITION, [{ key: 'mark', value: Buffer.from('{}') }]);
    const lines = new Map<string, Line>();
    await topic.read(PARTITION, low, end, ({ offset, key, value }) => {
      if (key === 'mark') return;
      if (value === null) lines.delete(key);
      else lines.set(key, lineOf(value, offset, topic.name));
    });
    return lines;
  }

  async function load(): Promise<readonly Outcome[]> {
    const lines = [...(await readAll())].sort(([, a], [, b]) => a.seq - b.seq);
    index.clear();
    for (const [key, { outcome }] of lines) note(outcome, key.slice(outcome.requestId.length + 1));
    nextSeq = lines.length === 0 ? 0 : lines[lines.length - 1][1].seq + 1;
    loaded = true;
    await drop();
    return lines.map(([, { outcome }]) => outcome).filter(({ requestId }) => index.has(requestId));
  }

  async function drop(): Promise<void> {
    sinceLook = 0;
    const ids = noLongerNeeded(index, now() - keepMs, maxEnded);
    const keys = [...ids].flatMap((id) => index.get(id)!.ends.map((end) => keyOf(id, end)));
    for (let at = 0; at < keys.length; at += TOMBSTONES) {
      const records = keys.slice(at, at + TOMBSTONES).map((key) => ({ key, value: null }));
      await topic.append(PARTITION, records);
    }
    for (const id of ids) index.delete(id);
  }

  async function write(lines: readonly { readonly key: string; readonly line: Line }[]): Promise<void> {
    let batch: { key: string; value: Buffer }[] = [];
    let bytes = 0;
    for (const { key, line } of lines) {
      const value = Buffer.from(JSON.stringify(line));
      if (batch.length > 0 && bytes + value.length > BATCH_BYTES) {
        await topic.append(PARTITION, batch);
        batch = [];
        bytes = 0;
      }
      batch.push({ key, value });
      bytes += value.length;
    }
    if (batch.length > 0) await topic.append(PARTITION, batch);
  }

  async function append(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    if (!loaded) await load();
    const fresh = new Map<string, string[]>();
    const lines = outcomes.map((outcome, i) => {
      const { requestId } = outcome;
      const ends = fresh.get(requestId) ?? [...(index.get(requestId)?.ends ?? [])];
      fresh.set(requestId, ends);
      const end = endOf(outcome, ends);
      ends.push(end);
      return { key: keyOf(requestId, end), end, outcome, line: { seq: nextSeq + i, outcome } };
    });
    await write(lines);
    nextSeq += lines.length;
    for (const { outcome, end } of lines) note(outcome, end);
    sinceLook += lines.length;
    // It is written; what is to be deleted can wait.
    if (sinceLook >= LOOK_EVERY) await drop().catch(() => undefined);
  }

  async function rewrite(change: (outcomes: readonly Outcome[]) => readonly Outcome[]): Promise<readonly Outcome[]> {
    const before = await load();
    const after = change(before);
    if (after.length !== before.length || after.some(({ requestId }, i) => requestId !== before[i].requestId))
      throw new Error('ledger: a rewriting keeps every outcome at its place');
    const lines = [...(await readAll())].sort(([, a], [, b]) => a.seq - b.seq);
    const changed = lines.flatMap(([key, { seq, outcome }], i) =>
      JSON.stringify(after[i]) === JSON.stringify(outcome) ? [] : [{ key, line: { seq, outcome: after[i] } }],
    );
    await write(changed);
    return after;
  }

  return {
    load: () => inTurn(load),
    append: (outcomes) => inTurn(() => append(outcomes)),
    rewrite: (change) => inTurn(() => rewrite(change)),
    close: () => inTurn(() => topic.close()),
  };
}

function lineOf(value: Buffer, offset: number, topic: string): Line {
  try {
    const line = JSON.parse(value.toString('utf8')) as Line;
    if (Number.isSafeInteger(line.seq) && typeof line.outcome.requestId === 'string') return line;
  } catch {
    // Told below.
  }
  throw new Error(
    `ledger: the record at offset ${offset} of topic ${topic} is damaged or none of ours; ` +
      'look which keys are suspended, then delete that record',
  );
}
