import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AlertDocument } from '../../domain/alert';
import type { AlertSink } from '../../ports';
import { type DocumentFormat, formatted } from '../siem/format';
import { createTurns } from '../turns';
import { createUnfinished } from '../unfinished';
import { isMissing, syncDirectory } from './durable';
import { createNdjsonFile, ndjsonLine } from './ndjson-file';

export interface RotatingFileOptions {
  readonly path: string;
  readonly format: DocumentFormat;
  /** A file is closed before it would exceed this many bytes; a longer line has a file to itself. */
  readonly maxBytes: number;
  /** Files kept beside the current one: `path.1` is the newest of them. */
  readonly files: number;
  readonly name?: string;
}

/**
 * Alert documents to an NDJSON file that keywatch rotates itself: `write` resolves when they are on disk. Together the
 * files hold at most `maxBytes * (files + 1)`; the oldest is deleted, read or not. A crash between two renamings leaves
 * a gap in the numbers and no loss: the next rotation goes on from it.
 */
export function createRotatingFile(options: RotatingFileOptions): AlertSink {
  const { path, maxBytes, files, name = `file:${path}` } = options;
  const inTurn = createTurns();
  const unfinished = createUnfinished();
  const format = formatted(options.format);
  const file = createNdjsonFile(path);

  async function rotate(): Promise<void> {
    await file.close();
    if (files === 0) await rm(path, { force: true });
    // Downwards, so that no name is overwritten but that of the oldest, and only as far as there is a file to move.
    const first = await firstFree();
    for (let number = first; number >= 1; number -= 1) {
      await rename(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
    }
    await syncDirectory(dirname(path));
  }

  /** The lowest number without a file, or that of the oldest file, which gives way. */
  async function firstFree(): Promise<number> {
    for (let number = 1; number < files; number += 1) {
      if ((await sizeOf(`${path}.${number}`)) === undefined) return number;
    }
    return files;
  }

  async function writeAll(documents: readonly AlertDocument[]): Promise<void> {
    const [first] = documents;
    if (first === undefined) return;
    // A torn line of a crash must be gone before its file is rotated out of reach.
    await file.ready(format(first));
    let size = (await sizeOf(path)) ?? 0;
    let portion: AlertDocument[] = [];
    const flush = async () => {
      await file.write(portion.map(format));
      unfinished.have(portion);
      portion = [];
    };
    for (const document of documents) {
      const bytes = Buffer.byteLength(ndjsonLine(format(document)));
      if (size > 0 && size + bytes > maxBytes) {
        await flush();
        await rotate();
        size = 0;
      }
      portion.push(document);
      size += bytes;
    }
    await flush();
  }

  return {
    name,
    write: (documents) =>
      inTurn(async () => {
        await writeAll(unfinished.rest(documents));
        unfinished.finish();
      }),
    close: () => inTurn(() => file.close()),
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
