import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AppendLog, decodeLine, encodeLines, openAppendLog } from './append-log';
import { listNames, replaceFile, writeAll } from './durable';
import { createLineSplitter } from './lines';

/**
 * The segments of an outbox: append logs named by the position of their first text (`alerts-<16 digits>.log`). The last
 * one is written; those before it are whole, because one is begun only when the one before is durable. The last one
 * is never deleted, so that the numbering survives an empty outbox.
 */
export interface Segments {
  /** Position of the oldest text kept. */
  first(): number;
  /** Position after the newest durable text. */
  end(): number;
  bytes(): number;
  activeBytes(): number;
  append(texts: readonly string[]): Promise<void>;
  /** Begins a new segment. */
  roll(): Promise<void>;
  /**
   * Blanks the texts that are `of` something, in all segments that hold one; they keep their positions and lengths, and read
   * as `null`. Nothing may be appended meanwhile.
   */
  blank(of: (text: string) => boolean): Promise<void>;
  /** Deletes segments (never the last) of which all texts lie before `position`. */
  dropBefore(position: number): Promise<void>;
  /**
   * At most `max` texts, and about `maxBytes`, from a position (not before `first`) on; all of one segment. `hint`: where
   * an earlier read ended; without a fitting one the segment is read from its start.
   */
  read(position: number, hint: ReadPlace | undefined, max: number, maxBytes: number): Promise<SegmentRead>;
  close(): Promise<void>;
}

/** `byte` is where the text of `position` begins in the segment whose first position is `segment`. */
export interface ReadPlace {
  readonly position: number;
  readonly segment: number;
  readonly byte: number;
}

export interface SegmentRead {
  readonly texts: readonly string[];
  readonly next: ReadPlace;
}

interface Segment {
  readonly first: number;
  readonly path: string;
  bytes: number;
}

const NAME = /^alerts-(\d{16})\.log$/;
const CHUNK_BYTES = 256 * 1024;
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

export async function openSegments(dir: string): Promise<Segments> {
  const pathOf = (first: number) => join(dir, `alerts-${String(first).padStart(16, '0')}.log`);
  const segments: Segment[] = [];
  for (const name of await listNames(dir)) {
    const match = NAME.exec(name);
    if (!match) continue;
    const path = join(dir, name);
    segments.push({ first: Number(match[1]), path, bytes: (await stat(path)).size });
  }
  if (segments.length === 0) segments.push({ first: 0, path: pathOf(0), bytes: 0 });
  let active = segments[segments.length - 1]!;
  let end = active.first;
  let log: AppendLog = await openAppendLog(active.path, () => {
    end += 1;
  });
  active.bytes = log.size();

  const endOf = (index: number) => segments[index + 1]?.first ?? end;

  return {
    first: () => segments[0]!.first,
    end: () => end,
    bytes: () => segments.reduce((sum, segment) => sum + segment.bytes, 0),
    activeBytes: () => active.bytes,
    async append(texts) {
      await log.append(texts);
      active.bytes = log.size();
      end += texts.length;
    },
    async roll() {
      if (active.bytes === 0) return;
      const next = await openAppendLog(pathOf(end));
      const old = log;
      log = next;
      active = { first: end, path: next.path, bytes: 0 };
      segments.push(active);
      await old.close();
    },
    async blank(of) {
      for (const segment of segments) {
        const data = await readFile(segment.path);
        if (!blankIn(data, of)) continue;
        const isActive = segment === active;
        if (isActive) await log.close();
        await replaceFile(segment.path, (handle) => writeAll(handle, data, 0));
        if (isActive) log = await openAppendLog(segment.path);
      }
    },
    async dropBefore(position) {
      while (segments.length > 1 && endOf(0) <= position) {
        await rm(segments[0]!.path, { force: true });
        segments.shift();
      }
    },
    async read(position, hint, max, maxBytes) {
      let index = segments.length - 1;
      while (index > 0 && segments[index]!.first > position) index -= 1;
      const segment = segments[index]!;
      const fits = hint !== undefined && hint.segment === segment.first && hint.position <= position;
      return readTexts(segment, fits ? hint : undefined, position, max, maxBytes);
    },
    close: () => log.close(),
  };
}

/** Changes lines in place; answers whether any was changed. */
function blankIn(data: Buffer, of: (text: string) => boolean): boolean {
  let changed = false;
  for (let from = 0; from < data.length; ) {
    const end = data.indexOf(10, from);
    if (end < 0) break;
    const text = decodeLine(data.subarray(from, end));
    if (text !== undefined && of(text)) {
      // White space after a JSON value is part of the text.
      encodeLines(['null'.padEnd(Buffer.byteLength(text))]).copy(data, from);
      changed = true;
    }
    from = end + 1;
  }
  return changed;
}

async function readTexts(
  segment: Segment,
  hint: ReadPlace | undefined,
  position: number,
  max: number,
  maxBytes: number,
): Promise<SegmentRead> {
  let at = hint?.position ?? segment.first;
  let byte = hint?.byte ?? 0;
  const limit = segment.bytes;
  const texts: string[] = [];
  const splitter = createLineSplitter({ maxBytes: MAX_TEXT_BYTES, from: byte, blank: 'keep', keepReturn: true });
  let taken = 0;
  const handle = await open(segment.path, 'r');
  try {
    for (let from = byte; from < limit; ) {
      const length = Math.min(CHUNK_BYTES, limit - from);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, from);
      if (bytesRead === 0) throw new Error(`${segment.path} is shorter than what was written to it`);
      from += bytesRead;
      for (const { line, end } of splitter.push(buffer.subarray(0, bytesRead))) {
        if (texts.length >= max || taken >= maxBytes) {
          return { texts, next: { position: at, segment: segment.first, byte } };
        }
        const text = decodeLine(line);
        if (text === undefined) throw new Error(`${segment.path} is damaged at byte ${byte}`);
        if (at >= position) {
          texts.push(text);
          taken += line.length;
        }
        at += 1;
        byte = end;
      }
    }
  } finally {
    await handle.close();
  }
  return { texts, next: { position: at, segment: segment.first, byte } };
}
