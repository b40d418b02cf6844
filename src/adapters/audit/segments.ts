import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, listNames } from '../file/durable';
import { createLineSplitter, type Line } from '../file/lines';
import { type AuditRecord, MAX_LINE_BYTES, NO_HASH, readLine } from './line';

/** A segment is named by the sequence of its first record. */
export const segmentName = (first: number): string => `audit-${String(first).padStart(16, '0')}.ndjson`;
const NAME = /^audit-(\d{16})\.ndjson$/;

export interface Segment {
  readonly name: string;
  readonly first: number;
}

/** The segments of a directory, oldest first. */
export async function segmentsIn(dir: string): Promise<Segment[]> {
  return (await listNames(dir)).flatMap((name) => {
    const [, first] = NAME.exec(name) ?? [];
    return first === undefined ? [] : [{ name, first: Number(first) }];
  });
}

const CHUNK_BYTES = 1_048_576;

/**
 * The whole lines of a file in order, and at the end how many bytes stand behind the last line feed. A line that is too
 * long comes cut, recognisably. Memory is bounded by the longest line.
 */
export async function* linesOf(path: string): AsyncGenerator<Line, number> {
  const handle = await open(path, 'r');
  const splitter = createLineSplitter({ maxBytes: MAX_LINE_BYTES, blank: 'keep', keepReturn: true });
  try {
    for (let position = 0; ; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return position - splitter.completed();
      position += bytesRead;
      yield* splitter.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** What an existing segment comes to. */
export interface Tail {
  readonly records: number;
  readonly seq: number;
  readonly hash: string;
  /** The newest head, and how many records follow it. */
  readonly head: AuditRecord | undefined;
  readonly sinceHead: number;
  /** Length of the whole lines. */
  readonly bytes: number;
  /** What stands behind them: the rest of a write that a crash cut off. */
  readonly torn: { readonly bytes: number; readonly sha256: string } | undefined;
  /** The first line that is no record, or does not follow the one before. */
  readonly damage: { readonly line: number; readonly what: string } | undefined;
}

/** Reads a segment to its end; undefined where the file is missing. */
export async function tailOf(dir: string, name: string): Promise<Tail | undefined> {
  const path = join(dir, name);
  let seq = 0;
  let hash = NO_HASH;
  let records = 0;
  let bytes = 0;
  let number = 0;
  let sinceHead = 0;
  let head: AuditRecord | undefined;
  let damage: Tail['damage'];
  try {
    const lines = linesOf(path);
    for (;;) {
      const { done, value } = await lines.next();
      if (done) {
        const torn = value === 0 ? undefined : { bytes: value, sha256: await digestOf(path, bytes, value) };
        return { records, seq, hash, head, sinceHead, bytes, torn, damage };
      }
      number += 1;
      bytes = value.end;
      const read = readLine(value.line);
      if (!read.ok) {
        damage ??= { line: number, what: read.what };
        continue;
      }
      const { record } = read;
      if (records > 0 && (record.prev !== hash || record.seq !== seq + 1)) {
        damage ??= { line: number, what: 'it does not follow the record before it' };
      }
      records += 1;
      seq = Math.max(seq, record.seq);
      hash = record.hash;
      sinceHead = record.kind === 'head' ? 0 : sinceHead + 1;
      if (record.kind === 'head') head = record;
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function digestOf(path: string, from: number, length: number): Promise<string> {
  const hash = createHash('sha256');
  const handle: FileHandle = await open(path, 'r');
  try {
    for await (const chunk of handle.createReadStream({ start: from, end: from + length - 1, autoClose: false })) {
      hash.update(chunk as Buffer);
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** Time of a segment's first record, milliseconds; undefined where it has none. */
export async function beginOf(dir: string, name: string): Promise<number | undefined> {
  for await (const { line } of linesOf(join(dir, name))) {
    const read = readLine(line);
    return read.ok ? Date.parse(read.record.at) : undefined;
  }
  return undefined;
}
