import type { ActionRequest } from './domain/action';
import type { AlertDocument } from './domain/alert';
import type { UsageEvent } from './domain/event';
import type { DeadLetter } from './domain/rejection';
import type { Effects, Engine, LogEntry } from './engine';
import type { IngestResult } from './ingest/ingest';
import type { CheckpointStore, Clock, Place, RawRecord, Slice, SourceHandler, Telemetry } from './ports';
import { type Partition, pieceEnd, sharedKeys, type TickEntry } from './runtime/partition';

export type { TickEntry } from './runtime/partition';

/** The ticks since the last checkpoint. `append` resolves when on disk; `prune` may forget what lies below `next`. */
export interface TickJournal {
  load(partition: number): Promise<readonly TickEntry[]>;
  append(entry: TickEntry): Promise<void>;
  prune(partition: number, next: number): Promise<void>;
}

/** Where effects go. Each resolves when they are durable; a throw ends the process before anything is committed. */
export interface EffectSinks {
  alerts(documents: readonly AlertDocument[]): Promise<void>;
  requests(requests: readonly ActionRequest[], lag: number | undefined): Promise<void>;
  /** Resolves when the letters are written, or given up on: a bad record never stops the stream. */
  deadLetters(letters: readonly DeadLetter[]): Promise<void>;
}

export interface RuntimeParts {
  readonly source: string;
  readonly ingest: { ingest(value: Buffer): readonly IngestResult[]; format(): string };
  /** Adds what is known of the address; runs once an event, before Detect sees it. */
  readonly enrich: (event: UsageEvent) => UsageEvent;
  readonly engineFor: (partition: number) => Engine;
  readonly checkpoints: CheckpointStore;
  readonly journal: TickJournal;
  readonly effects: EffectSinks;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly checkpointEveryMs: number;
  /** Something a person should know (a gap, columns relearned); shown in the log. */
  readonly warn: (text: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** A quiet partition gets a tick when nothing has come for this long. */
const QUIET_MS = 5_000;

interface Decoded {
  readonly entries: LogEntry[];
  readonly letters: readonly DeadLetter[];
}

/**
 * The loop: restore → advance → effects durable → position committed (by the source, when `slice` resolves); now and then
 * a checkpoint. After a crash: the newest whole checkpoint, silently up to the committed place, then live; the effects of
 * the last gap come again with the same ids.
 */
export class Runtime implements SourceHandler {
  private readonly partitions = new Map<number, Partition>();
  private spreadTold = false;

  constructor(private readonly parts: RuntimeParts) {}

  /** Keys active on one day, by partition: what shares are taken of. */
  activeKeys(): readonly { readonly partition: number; readonly keys: number }[] {
    return [...this.partitions.values()].map(({ id, engine }) => ({ partition: id, keys: engine.activeKeys }));
  }

  async assigned(id: number, committed: Place | undefined): Promise<Place | undefined> {
    const held = this.partitions.get(id);
    if (held !== undefined) {
      await held.turn;
      return { next: held.engine.next, cursor: held.engine.cursor };
    }
    const { parts } = this;
    const engine = parts.engineFor(id);
    const bytes = await parts.checkpoints.load(id);
    if (bytes !== undefined) {
      const relearned = engine.restore(bytes);
      if (relearned.length > 0)
        parts.warn('parts of the checkpoint have another version: relearned', { id, relearned });
    } else if (committed !== undefined) {
      parts.warn('no checkpoint for a partition with a committed position: its baselines start anew', { id });
    }
    const ticks = (await parts.journal.load(id)).filter((t) => t.next >= engine.next);
    const now = parts.clock.now();
    this.partitions.set(id, {
      id,
      engine,
      liveFrom: committed?.next ?? 0,
      ticks,
      turn: Promise.resolve(),
      lastSliceAt: now,
      lag: undefined,
      anchored: bytes !== undefined,
      lastCheckpointAt: now,
      saving: undefined,
      fault: undefined,
    });
    return bytes === undefined ? committed : { next: engine.next, cursor: engine.cursor };
  }

  slice(slice: Slice): Promise<void> {
    const partition = this.partitions.get(slice.partition);
    if (partition === undefined) throw new Error(`slice of partition ${slice.partition}, which is not assigned`);
    return this.inTurn(partition, () => this.faultless(partition, () => this.take(partition, slice)));
  }

  async revoked(id: number): Promise<void> {
    const partition = this.partitions.get(id);
    if (partition === undefined) return;
    await this.inTurn(partition, () => this.checkpoint(partition)).finally(() => this.partitions.delete(id));
  }

  /** Called every few seconds: lets time pass in partitions that have nothing to read. */
  async tick(): Promise<void> {
    const now = this.parts.clock.now();
    for (const partition of this.partitions.values()) {
      if (now - partition.lastSliceAt < QUIET_MS || (partition.lag ?? 0) > 0) continue;
      await this.inTurn(partition, async () => {
        // It may have been given away while this waited for its turn.
        if (this.partitions.get(partition.id) !== partition) return;
        if (partition.engine.next >= partition.liveFrom)
          await this.faultless(partition, () => this.pass(partition, now));
      });
    }
  }

  /** Checkpoints all partitions; called after the source has stopped. */
  async close(): Promise<void> {
    for (const partition of this.partitions.values()) await this.inTurn(partition, () => this.checkpoint(partition));
  }

  /** After a failure nothing more is done for the partition: every call rejects with what it failed of. */
  private inTurn<T>(partition: Partition, work: () => Promise<T>): Promise<T> {
    const turn = partition.turn.then(() => {
      if (partition.fault !== undefined) throw partition.fault;
      return work();
    });
    partition.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Work that changes the state: where it fails, the state may be ahead of its effects, and is given up. */
  private async faultless(partition: Partition, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      partition.fault = error ?? new Error('unknown fault');
      throw error;
    }
  }

  private async pass(partition: Partition, now: number): Promise<void> {
    await this.replayTicks(partition, partition.engine.next);
    if (!partition.engine.wantsTick(now)) return;
    await this.parts.journal.append({ partition: partition.id, next: partition.engine.next, ts: now });
    await this.deliver(partition, partition.engine.advance([{ kind: 'tick', ts: now }]));
  }

  private async take(partition: Partition, slice: Slice): Promise<void> {
    const { clock, telemetry } = this.parts;
    const startedAt = clock.now();
    partition.lastSliceAt = startedAt;
    partition.lag = slice.lag;
    if (!partition.anchored) await this.anchor(partition, slice);
    for (let from = 0; from < slice.records.length; ) {
      await this.replayTicks(partition, slice.records[from].offset);
      const to = pieceEnd(partition, slice.records, from);
      const records = slice.records.slice(from, to);
      const end = { next: records[records.length - 1].offset + 1, cursor: slice.cursor };
      const silent = end.next <= partition.liveFrom;
      const { entries, letters } = this.decode(partition, records, silent);
      const effects = partition.engine.advance(entries, end);
      if (!silent) await this.deliver(partition, effects);
      if (letters.length > 0) await this.parts.effects.deadLetters(letters);
      from = to;
    }
    telemetry.lag(partition.id, slice.lag);
    telemetry.watermark(partition.id, partition.engine.watermark);
    telemetry.slice((clock.now() - startedAt) / 1000);
    this.maybeCheckpoint(partition, startedAt);
  }

  /**
   * Remembers, before anything is taken in, where this partition's learning began: a crash before the first checkpoint
   * then goes back to there, instead of to the committed place without what was learned before it.
   */
  private async anchor(partition: Partition, slice: Slice): Promise<void> {
    partition.engine.advance([], { next: slice.records[0]?.offset ?? 0, cursor: slice.start });
    await this.save(partition);
    partition.anchored = true;
  }

  /** Ticks of the journal whose place is at or before `offset`. Those beyond the committed place may be news. */
  private async replayTicks(partition: Partition, offset: number): Promise<void> {
    while (partition.ticks.length > 0 && partition.ticks[0].next <= offset) {
      const { next, ts } = partition.ticks.shift()!;
      const effects = partition.engine.advance([{ kind: 'tick', ts }]);
      if (next >= partition.liveFrom) await this.deliver(partition, effects);
    }
  }

  private decode(partition: Partition, records: readonly RawRecord[], silent: boolean): Decoded {
    const { ingest, enrich, telemetry, source } = this.parts;
    const entries: LogEntry[] = [];
    const letters: DeadLetter[] = [];
    let bytes = 0;
    let noKey = 0;
    for (const { offset, value, timestamp } of records) {
      bytes += value.length;
      if (offset < partition.engine.next) continue;
      for (const result of ingest.ingest(value)) {
        if (result.kind === 'event') entries.push({ kind: 'event', offset, event: enrich(result.event), timestamp });
        else if (result.kind === 'no-key') noKey++;
        else {
          const position = { partition: partition.id, offset, index: result.index };
          letters.push({ ...result.rejection, source, position, format: ingest.format(), bytes: value.length });
        }
      }
    }
    if (silent) return { entries, letters: [] };
    telemetry.records(partition.id, records.length, bytes);
    if (noKey > 0) telemetry.noKey(noKey);
    for (const letter of letters) telemetry.rejected(letter.reason, 1);
    return { entries, letters };
  }

  private async deliver(partition: Partition, out: Effects): Promise<void> {
    const { effects, telemetry } = this.parts;
    if (out.alerts.length > 0) await effects.alerts(out.alerts);
    if (out.requests.length > 0) await effects.requests(out.requests, partition.lag);
    telemetry.events(out.events);
    if (out.late > 0) telemetry.late(out.late);
    if (out.clockFaults > 0) telemetry.clockFaults(out.clockFaults);
    for (const document of out.alerts) telemetry.alert(document.event.kind, document.event.severity);
    for (const request of out.requests) telemetry.request(request.action);
  }

  private maybeCheckpoint(partition: Partition, now: number): void {
    if (partition.saving !== undefined || now - partition.lastCheckpointAt < this.parts.checkpointEveryMs) return;
    this.save(partition).catch((error) => {
      this.parts.warn('a checkpoint could not be written; the next one is tried in its time', {
        partition: partition.id,
        error: error instanceof Error ? error.message : String(error),
      });
    });
  }

  private async checkpoint(partition: Partition): Promise<void> {
    await partition.saving?.catch(() => undefined);
    await this.save(partition);
  }

  /** The state is copied at once; only the writing runs on. */
  private save(partition: Partition): Promise<void> {
    const { checkpoints, journal, telemetry, clock } = this.parts;
    const startedAt = clock.now();
    const next = partition.engine.next;
    const bytes = partition.engine.checkpoint();
    partition.lastCheckpointAt = startedAt;
    telemetry.state(partition.id, partition.engine.keys, partition.engine.bytes);
    this.spotCheck(partition);
    const saving = checkpoints
      .save(partition.id, bytes)
      .then(() => journal.prune(partition.id, next))
      .then(() => telemetry.checkpoint((clock.now() - startedAt) / 1000, bytes.length))
      .finally(() => {
        partition.saving = undefined;
      });
    partition.saving = saving;
    return saving;
  }

  /** A key in two partitions has two halves of a baseline. That is a property of the topic, so it is told, once. */
  private spotCheck(partition: Partition): void {
    if (this.spreadTold || this.partitions.size < 2) return;
    const { sample, shared } = sharedKeys(partition, this.partitions.values());
    if (sample < 10 || shared < sample / 10) return;
    this.spreadTold = true;
    this.parts.warn(
      'keys are spread over partitions: each partition learns a baseline of its own; key the topic by key id',
      { share: shared / sample },
    );
  }
}
