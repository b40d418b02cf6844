import type { Command } from './domain/command';
import type { Effects } from './engine';
import type { Place, Slice, SourceHandler } from './ports';
import { checkpoint, inSteps, wantsCheckpoint } from './runtime/checkpointing';
import { decode } from './runtime/decode';
import { caughtUp, endOfHistory, learnedBy, nothingWithheld, spoken } from './runtime/history';
import { canEnter, restoreInventory } from './runtime/inventories';
import { type JournalEntry, logEntryOf } from './runtime/journal';
import { appendCommand, appendEntry, isPack, unpack } from './runtime/log';
import { type Partition, pieceEnd, tellSpread } from './runtime/partition';
import type { RuntimeParts } from './runtime/parts';
import {
  type ActiveKeys,
  activeOf,
  tellDelivered,
  tellLag,
  tellProgress,
  tellRevoked,
  tellState,
} from './runtime/told';

export type { Journal, JournalEntry } from './runtime/journal';
export type { EffectSinks, RuntimeParts } from './runtime/parts';

/** A quiet partition gets a tick when nothing has come for this long. */
const QUIET_MS = 5_000;

/**
 * The loop: restore → advance → effects durable → position committed (by the source, when `slice` resolves); now and then
 * a checkpoint. After a crash: the newest whole checkpoint, silently up to the committed place, then live; the effects of
 * the last gap come again with the same ids.
 */
export class Runtime implements SourceHandler {
  private readonly partitions = new Map<number, Partition>();
  private spreadTold = false;
  private inventory: string | undefined;

  constructor(private readonly parts: RuntimeParts) {}

  /** Keys active on one day, by partition: what shares are taken of. */
  activeKeys(): readonly ActiveKeys[] {
    return Array.from(this.partitions.values(), activeOf);
  }

  /** Whether a partition that is here has a past of the key. */
  knows = (key: string): boolean => [...this.partitions.values()].some(({ engine }) => engine.has(key));

  /** From here on the inventory of this digest, which lies in the store ('': none), holds in every partition that is live. */
  declare(digest: string): void {
    this.inventory = digest;
  }

  /**
   * Takes a command into all partitions, once all are live (with an internal log: into its key's, whoever has it); answers
   * into how many, 0 for later. Resolves when durable.
   */
  async command(command: Command): Promise<number> {
    const { log } = this.parts;
    if (log !== undefined) return appendCommand(log, command, [...this.partitions.keys()]);
    const all = [...this.partitions.values()];
    if (all.some(({ engine, liveFrom }) => engine.next < liveFrom)) return 0;
    let taken = 0;
    for (const partition of all) {
      await this.inTurn(partition, async () => {
        if (this.partitions.get(partition.id) !== partition) return;
        await this.faultless(partition, () => this.issue(partition, { kind: 'command', command }));
        taken++;
      });
    }
    return taken;
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
      const relearned = await inSteps(engine.thaw(bytes), parts.clock);
      if (relearned.length > 0)
        parts.warn('parts of the checkpoint have another version: relearned', { id, relearned });
    } else if (committed !== undefined) {
      parts.warn('no checkpoint for a partition with a committed position: its baselines start anew', { id });
    }
    const journal = (await parts.journal.load(id)).filter((entry) => entry.next >= engine.next);
    const inventory = await restoreInventory(parts, id, engine);
    const now = parts.clock.now();
    this.partitions.set(id, {
      id,
      engine,
      liveFrom: committed?.next ?? 0,
      journal,
      inventory,
      asked: undefined,
      turn: Promise.resolve(),
      lastSliceAt: now,
      lag: undefined,
      anchored: bytes !== undefined,
      lastCheckpointAt: now,
      savedNext: engine.next,
      saving: undefined,
      withheld: nothingWithheld(),
      fault: undefined,
    });
    tellState(parts, id, engine);
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
    tellRevoked(this.parts, id);
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
          await this.faultless(partition, async () => {
            await this.adopt(partition);
            await this.speak(partition, partition.engine.next, 0);
            if (partition.engine.wantsTick(now)) await this.issue(partition, { kind: 'tick', ts: now });
          });
      });
    }
  }

  /** The policies in force, by partition. */
  readonly policies = () => Array.from(this.partitions.values(), ({ engine }) => engine.policy);

  /** Digests of the inventories in use. */
  readonly inventories = () => [this.inventory ?? '', ...Array.from(this.partitions.values(), (p) => p.inventory)];

  /** Checkpoints all partitions, now; the last time after the source has stopped. */
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

  /** Makes an entry durable at the partition's present place, then takes it; an internal log brings it back by itself. */
  private async issue(
    partition: Partition,
    entry: { readonly kind: 'tick'; readonly ts: number } | { readonly kind: 'command'; readonly command: Command },
  ): Promise<void> {
    if (this.parts.log !== undefined) return appendEntry(this.parts.log, partition.id, entry);
    await this.replayJournal(partition, partition.engine.next);
    const placed = { partition: partition.id, next: partition.engine.next, ...entry };
    await this.parts.journal.append(placed);
    await this.deliver(partition, await this.enter(partition, placed));
  }

  private async enter(partition: Partition, entry: JournalEntry): Promise<Effects> {
    const taken = await logEntryOf(entry, (digest) => this.parts.inventories.load(digest));
    if (taken.kind === 'inventory') partition.inventory = taken.inventory.digest;
    return partition.engine.advance([taken]);
  }

  /** Brings the declared inventory into a live partition that has another one. */
  private async adopt(partition: Partition): Promise<void> {
    const digest = this.inventory;
    if (digest === undefined || partition.inventory === digest || partition.engine.next < partition.liveFrom) return;
    if (partition.asked === digest) return;
    await this.issue(partition, { kind: 'command', command: { type: 'inventory', digest } });
    if (this.parts.log !== undefined) partition.asked = digest;
  }

  private async take(partition: Partition, slice: Slice): Promise<void> {
    const { clock, telemetry, log } = this.parts;
    const startedAt = clock.now();
    partition.lastSliceAt = startedAt;
    partition.lag = slice.lag;
    if (!partition.anchored) await this.anchor(partition, slice);
    await this.adopt(partition);
    for (let from = 0; from < slice.records.length; ) {
      await this.replayJournal(partition, slice.records[from].offset);
      await this.speak(partition, slice.records[from].offset, undefined);
      const to = pieceEnd(partition, slice.records, from, log === undefined ? undefined : isPack);
      const records = slice.records.slice(from, to);
      const end = { next: records[records.length - 1].offset + 1, cursor: slice.cursor };
      const silent = end.next <= partition.liveFrom;
      const { entries, letters } =
        log === undefined
          ? decode(this.parts, partition, records, silent)
          : await unpack(log, this.parts, partition, records, silent);
      const effects = partition.engine.advance(entries, end);
      if (!silent) await this.deliver(partition, effects);
      if (letters.length > 0) await this.parts.effects.deadLetters(letters);
      partition.withheld.rejected += letters.length;
      from = to;
    }
    await this.speak(partition, partition.engine.next, slice.lag);
    tellLag(this.parts, partition.id, slice.lag);
    tellProgress(this.parts, partition);
    telemetry.slice((clock.now() - startedAt) / 1000);
    await this.maybeCheckpoint(partition, startedAt);
  }

  /**
   * Remembers, before anything is taken in, where this partition's learning began: a crash before the first checkpoint
   * then goes back to there, instead of to the committed place without what was learned before it.
   */
  private async anchor(partition: Partition, slice: Slice): Promise<void> {
    partition.engine.advance([], { next: slice.records[0]?.offset ?? 0, cursor: slice.start });
    if (this.parts.history !== undefined && partition.liveFrom === 0)
      partition.engine.learning.begin(endOfHistory(slice));
    await this.save(partition);
    partition.anchored = true;
  }

  /** Entries of the journal whose place is at or before `offset`. Those beyond the committed place may be news. */
  private async replayJournal(partition: Partition, offset: number): Promise<void> {
    while (partition.journal.length > 0 && partition.journal[0].next <= offset) {
      const entry = partition.journal.shift()!;
      const effects = (await canEnter(this.parts, partition.id, entry))
        ? await this.enter(partition, entry)
        : undefined;
      if (effects !== undefined && entry.next >= partition.liveFrom) await this.deliver(partition, effects);
    }
  }

  /** Ends a partition's learning from history where it has caught up: durably, at this place of its log. */
  private async speak(partition: Partition, next: number, waiting: number | undefined): Promise<void> {
    if (!caughtUp(partition, next, waiting)) return;
    // After a crash the journal may have it already.
    await this.replayJournal(partition, partition.engine.next);
    if (!caughtUp(partition, next, waiting)) return;
    const learned = learnedBy(partition);
    await this.issue(partition, { kind: 'command', command: { type: 'history', until: 0 } });
    this.parts.history?.learned(partition.id, learned);
  }

  private async deliver(partition: Partition, all: Effects): Promise<void> {
    const { effects } = this.parts;
    const out = spoken(partition, all);
    if (out.alerts.length > 0) await effects.alerts(out.alerts);
    if (out.requests.length > 0) await effects.requests(out.requests, partition.lag);
    tellDelivered(this.parts, out);
  }

  private async maybeCheckpoint(partition: Partition, now: number): Promise<void> {
    if (!wantsCheckpoint(partition, now, this.parts)) return;
    const { written } = await this.begin(partition);
    written.catch((error) => {
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

  private async save(partition: Partition): Promise<void> {
    const { written } = await this.begin(partition);
    await written;
  }

  private begin(partition: Partition): ReturnType<typeof checkpoint> {
    if (!this.spreadTold) this.spreadTold = tellSpread(this.parts, partition, this.partitions);
    return checkpoint(partition, this.parts);
  }
}
