import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlertDocument } from '../../domain/alert';
import { ensureDirectory, isMissing, removeLeftovers, replaceFile, writeAll } from './durable';
import { openSegments, type ReadPlace, type Segments } from './outbox-segments';

/** Documents of one read, and the position to acknowledge once the sink has them all. */
export interface OutboxBatch {
  readonly documents: readonly AlertDocument[];
  readonly position: number;
}

/**
 * Durable queue between decisions and the sinks, each of which reads at its own pace. Positions number documents from
 * 0 on. A document is given to each sink at least once; the same document has the same `event.id`, by which receivers
 * tell repetitions.
 */
export interface Outbox {
  /**
   * Resolves when the documents are durable; concurrent calls share one fsync. While `maxBytes` would be exceeded it
   * waits until all sinks have acknowledged enough. Rejects when the disk fails (then none of the call is kept).
   */
  append(documents: readonly AlertDocument[]): Promise<void>;
  /**
   * The oldest documents that the sink has not acknowledged, at most `max`; none when it has all, and none where those
   * were forgotten: then `position` is beyond what it acknowledged. Repeatable.
   */
  read(sink: string, max: number): Promise<OutboxBatch>;
  /** Durable when it resolves; lower positions than before are ignored. */
  acknowledge(sink: string, position: number): Promise<void>;
  acknowledged(sink: string): number;
  /** Blanks documents that are `of` something and were not delivered to all: they are not delivered any more. */
  forget(of: (document: AlertDocument) => boolean): Promise<void>;
  /** How often something was forgotten: what was read before the last time is read again before it is delivered. */
  forgotten(): number;
  /** Position after the newest durable document. */
  end(): number;
  bytes(): number;
  /** True while appends wait for room. */
  full(): boolean;
  /** Calls back after each append; answers how to end that. */
  onAppend(listener: () => void): () => void;
  /** Appends that wait for room reject; those being written finish. */
  close(): Promise<void>;
}

export interface OutboxOptions {
  /** Most bytes on disk. A single append larger than this is taken only into an empty outbox. */
  readonly maxBytes: number;
  /** Names of all sinks. What all of them acknowledged is deleted; a name not met before begins with the oldest kept. */
  readonly sinks: readonly string[];
  /** A segment is closed at this size. Default: an eighth of `maxBytes`, at most 64 MB. */
  readonly segmentBytes?: number;
}

interface Waiting {
  readonly texts: readonly string[];
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const POSITIONS = 'acknowledged.json';
/** About how much one read answers at most. */
const READ_BYTES = 4 * 1024 * 1024;
/** Guard, space and line feed of a line (append-log.ts). */
const LINE_OVERHEAD = 10;

/**
 * Opens the outbox of a directory, which it has for itself. Rejects when a segment is damaged other than at its tail,
 * and when two sinks have one name: they would share a position, and each would miss what the other acknowledged.
 */
export async function openOutbox(dir: string, options: OutboxOptions): Promise<Outbox> {
  const { maxBytes, sinks } = options;
  const twice = sinks.find((sink, i) => sinks.indexOf(sink) !== i);
  if (twice !== undefined) throw new Error(`two alert sinks have the name ${twice}`);
  const segmentBytes = options.segmentBytes ?? Math.max(1, Math.min(64 * 1024 * 1024, Math.floor(maxBytes / 8)));
  await ensureDirectory(dir);
  await removeLeftovers(dir, (name) => name === POSITIONS);
  const segments = await openSegments(dir);
  const positions = await readPositions(join(dir, POSITIONS), sinks, segments);
  const hints = new Map<string, ReadPlace>();
  const listeners = new Set<() => void>();
  const queue: Waiting[] = [];
  let pumping: Promise<void> | undefined;
  let again = false;
  let forgotten = 0;
  let closed = false;
  let saving: Promise<void> = Promise.resolve();
  let saveWaiting: Promise<void> | undefined;

  const allAcknowledged = () => sinks.reduce((least, sink) => Math.min(least, positions.get(sink)!), segments.end());

  const positionOf = (sink: string): number => {
    const position = positions.get(sink);
    if (position === undefined) throw new Error(`the outbox knows no sink named ${sink}`);
    return position;
  };

  /** The waiting appends that fit now, oldest first. */
  function takeFitting(): Waiting[] {
    let room = maxBytes - segments.bytes();
    let count = 0;
    while (count < queue.length && queue[count]!.bytes <= room) {
      room -= queue[count]!.bytes;
      count += 1;
    }
    if (count === 0 && segments.bytes() === 0) count = 1;
    return queue.splice(0, count);
  }

  async function makeRoom(): Promise<boolean> {
    const before = segments.bytes();
    if (allAcknowledged() === segments.end()) await segments.roll();
    await segments.dropBefore(allAcknowledged());
    return segments.bytes() < before;
  }

  async function write(group: readonly Waiting[]): Promise<void> {
    try {
      if (segments.activeBytes() >= segmentBytes) await segments.roll();
      await segments.append(group.flatMap((entry) => entry.texts));
    } catch (error) {
      for (const entry of group) entry.reject(error);
      return;
    }
    for (const entry of group) entry.resolve();
    for (const listener of [...listeners]) listener();
  }

  async function drainQueue(): Promise<void> {
    while (queue.length > 0 && !closed) {
      again = false;
      const group = takeFitting();
      if (group.length > 0) await write(group);
      else if (!(await makeRoom()) && !again) break;
    }
    if (queue.length === 0 && !closed) await segments.dropBefore(allAcknowledged());
  }

  /** Work on the segments that waits for its turn. */
  const chores: (() => Promise<void>)[] = [];

  /** One at a time touches the segments; a call while it runs makes it look again. */
  function pump(): Promise<void> {
    again = true;
    pumping ??= Promise.resolve()
      .then(async () => {
        for (let chore = chores.shift(); chore !== undefined; chore = chores.shift()) await chore();
        await drainQueue();
      })
      .catch((error) => {
        for (const entry of queue.splice(0)) entry.reject(error);
      })
      .finally(() => {
        pumping = undefined;
        if ((chores.length > 0 || (again && queue.length > 0)) && !closed) void pump();
      });
    return pumping;
  }

  /** Acknowledgements made while one is being saved share the next save. */
  function savePositions(): Promise<void> {
    saveWaiting ??= saving
      .catch(() => {})
      .then(() => {
        saveWaiting = undefined;
        const data = Buffer.from(`${JSON.stringify(Object.fromEntries(positions))}\n`);
        saving = replaceFile(join(dir, POSITIONS), (handle) => writeAll(handle, data, 0));
        return saving;
      });
    return saveWaiting;
  }

  return {
    append(documents) {
      if (closed) return Promise.reject(new Error('the outbox is closed'));
      if (documents.length === 0) return Promise.resolve();
      const texts = documents.map((document) => JSON.stringify(document));
      const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + LINE_OVERHEAD, 0);
      return new Promise((resolve, reject) => {
        queue.push({ texts, bytes, resolve, reject });
        void pump();
      });
    },
    async read(sink, max) {
      const texts: string[] = [];
      let position = positionOf(sink);
      let bytes = 0;
      while (position < segments.end() && texts.length < max && bytes < READ_BYTES) {
        const read = await segments.read(position, hints.get(sink), max - texts.length, READ_BYTES - bytes);
        hints.set(sink, read.next);
        for (const text of read.texts) bytes += text.length;
        texts.push(...read.texts);
        position = read.next.position;
      }
      const documents = texts.map((text) => JSON.parse(text) as AlertDocument | null);
      return { documents: documents.filter((document) => document !== null), position };
    },
    forgotten: () => forgotten,
    forget: (of) =>
      new Promise((resolve, reject) => {
        const isOf = (text: string) => {
          const document = JSON.parse(text) as AlertDocument | null;
          return document !== null && of(document);
        };
        chores.push(async () => {
          const blanked = segments.blank(isOf).then(() => {
            forgotten += 1;
          });
          await blanked.then(resolve, reject);
        });
        void pump();
      }),
    async acknowledge(sink, position) {
      if (position > segments.end()) throw new RangeError(`position ${position} lies behind the end of the outbox`);
      if (position <= positionOf(sink)) return;
      positions.set(sink, position);
      await savePositions();
      await pump();
    },
    acknowledged: positionOf,
    end: segments.end,
    bytes: segments.bytes,
    full: () => queue.length > 0 && pumping === undefined,
    onAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closed = true;
      await pumping;
      for (const entry of queue.splice(0)) entry.reject(new Error('the outbox was closed before there was room'));
      await saveWaiting?.catch(() => {});
      await saving.catch(() => {});
      await segments.close();
    },
  };
}

/**
 * What each sink has acknowledged, within what the segments hold. An unreadable file costs repetitions only, so it
 * counts as none.
 */
async function readPositions(path: string, sinks: readonly string[], segments: Segments): Promise<Map<string, number>> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (isMissing(error)) return '{}';
    throw error;
  });
  const stored = parsePositions(text);
  const within = (value: unknown) =>
    Number.isSafeInteger(value)
      ? Math.min(segments.end(), Math.max(segments.first(), value as number))
      : segments.first();
  return new Map(sinks.map((sink) => [sink, within(Object.hasOwn(stored, sink) ? stored[sink] : undefined)]));
}

function parsePositions(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
