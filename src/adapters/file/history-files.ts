import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errorCode, isMissing, listNames } from './durable';
import { isGzipName, readHead, unpacked } from './input-file';
import { isInputName } from './inputs';
import { createLineSplitter } from './lines';

/** Something is wrong with an input itself; the message names it. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** `size` is undefined for standard input and pipes. */
export interface HistoryFile {
  readonly path: string;
  readonly size: number | undefined;
  readonly gzip: boolean;
}

/** Lines of one file, a chunk's worth at a time; never an empty batch. */
export type Batches = AsyncGenerator<readonly Buffer[], void, void>;

const STDIN = '-';
const PEEK_BYTES = 65_536;

/** The files that the paths name, directories opened up. Rejects for a path that is not there. */
export async function listHistory(paths: readonly string[]): Promise<HistoryFile[]> {
  const files: HistoryFile[] = [];
  for (const path of paths) {
    if (path === STDIN) {
      files.push({ path, size: undefined, gzip: false });
      continue;
    }
    const info = await stat(path).catch((error) => {
      throw isMissing(error) ? new InputError(`${path}: no such file or directory`) : error;
    });
    if (!info.isDirectory()) {
      files.push(await describe(path));
      continue;
    }
    const names = (await listNames(path)).filter(isInputName);
    if (names.length === 0) throw new InputError(`${path}: no *.ndjson, *.json, *.log or *.gz file in it`);
    for (const name of names) files.push(await describe(join(path, name)));
  }
  return files;
}

/** A regular file is gzip by its name or its first two bytes (RFC 1952); a pipe cannot be looked into. */
async function describe(path: string): Promise<HistoryFile> {
  const info = await stat(path);
  if (!info.isFile()) return { path, size: undefined, gzip: isGzipName(path) };
  if (isGzipName(path)) return { path, size: info.size, gzip: true };
  const magic = await readHead(path, 2);
  return { path, size: info.size, gzip: magic.equals(Buffer.from([0x1f, 0x8b])) };
}

export function createProgressCount(files: readonly HistoryFile[]) {
  let read = 0;
  const sized = files.every((file) => file.size !== undefined);
  return {
    total: sized ? files.reduce((sum, file) => sum + file.size!, 0) : undefined,
    read: () => read,
    count: (bytes: number) => {
      read += bytes;
    },
  };
}

/** Time of the first line that has a character; before all others when it has no time or cannot be looked at. */
export async function peekTime(file: HistoryFile, timeOf: (line: Buffer) => number | undefined): Promise<number> {
  if (file.size === undefined) return Number.NEGATIVE_INFINITY;
  const splitter = createLineSplitter({ maxBytes: PEEK_BYTES });
  const line = splitter.push(await readHead(file.path, PEEK_BYTES, file.gzip))[0] ?? splitter.rest();
  return (line && timeOf(line.line)) ?? Number.NEGATIVE_INFINITY;
}

export interface BatchOptions {
  readonly chunkBytes: number;
  readonly maxLineBytes: number;
  readonly stdin: Readable | undefined;
  readonly count: (bytes: number) => void;
}

export async function* openBatches(file: HistoryFile, options: BatchOptions): Batches {
  const splitter = createLineSplitter({ maxBytes: options.maxLineBytes });
  for await (const chunk of chunksOf(file, options)) {
    const lines = splitter.push(chunk).map(({ line }) => line);
    if (lines.length > 0) yield lines;
  }
  const rest = splitter.rest();
  if (rest !== undefined) yield [rest.line];
}

async function* chunksOf(file: HistoryFile, options: BatchOptions): AsyncGenerator<Buffer, void, void> {
  const { stdin, count } = options;
  if (file.path === STDIN) {
    if (stdin === undefined) throw new InputError('standard input is not available here');
    for await (const chunk of stdin) {
      count(chunk.length);
      yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    }
  } else if (file.gzip) {
    try {
      yield* unpacked(file.path, count);
    } catch (error) {
      const code = errorCode(error) ?? '';
      throw code.startsWith('Z_') ? new InputError(`${file.path}: damaged gzip data (${code})`) : error;
    }
  } else yield* plainChunks(await open(file.path, 'r'), options);
}

async function* plainChunks(handle: FileHandle, options: BatchOptions): AsyncGenerator<Buffer, void, void> {
  try {
    for (;;) {
      // A buffer of its own for each chunk: lines are views of it and may outlive the next read.
      const buffer = Buffer.allocUnsafe(options.chunkBytes);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      options.count(bytesRead);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
