import { type FileHandle, open } from 'node:fs/promises';
import { isMissing } from './durable';
import { cutFile, openSyncedFile, type SyncedFile } from './synced-file';

/** An NDJSON file for other programs to read: one document a line, durable when `write` resolves. */
export interface NdjsonFile {
  /** Opens the file as a write of such a document would, with what it does to a torn last line. */
  ready(document: unknown): Promise<void>;
  write(documents: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/** Readable for the group, so that a log shipper may read it. */
const SHARED_MODE = 0o640;

/**
 * Opens the file at the first write, in append mode. A last line without a line feed is what a crash left of a write
 * that never resolved: it is cut off, and its documents come again; where it does not begin as ours do, the file is
 * somebody else's, is left as it is, and writes reject. When the file was rotated away, by renaming or by
 * removal, writing goes on in a new one. The file grows without limit; rotating it is the operator's (logrotate).
 */
export function createNdjsonFile(path: string): NdjsonFile {
  let file: SyncedFile | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function current(mark: string): Promise<SyncedFile> {
    if (file !== undefined && !(await file.inPlace())) {
      await file.close();
      file = undefined;
    }
    if (file === undefined) {
      const whole = await endOfLastLine(path);
      if (whole !== undefined) {
        if (!(await isOurs(path, whole, mark)))
          throw new Error(`${path} ends in a line that is not of keywatch; give it a file of its own`);
        await cutFile(path, whole);
      }
      file = await openSyncedFile(path, { mode: SHARED_MODE });
    }
    return file;
  }

  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  /** A new handle, with a look at what the file really holds, is the way to a clean next attempt. */
  async function dropped(error: unknown): Promise<never> {
    await file?.close().catch(() => {});
    file = undefined;
    throw error;
  }

  return {
    ready: (document) =>
      inTurn(async () => {
        await current(markOf(JSON.stringify(document))).catch(dropped);
      }),
    write: (documents) =>
      inTurn(async () => {
        const text = documents.map(ndjsonLine).join('');
        if (text === '') return;
        try {
          await (await current(markOf(text))).append(Buffer.from(text));
        } catch (error) {
          await dropped(error);
        }
      }),
    close: () =>
      inTurn(async () => {
        await file?.close();
        file = undefined;
      }),
  };
}

/** Ends of lines for some readers, though not for JSON: they are written as escapes. */
const SEPARATORS = /[\u0085\u2028\u2029]/g;

/** One document as it lies in the file, with its line feed. */
export function ndjsonLine(document: unknown): string {
  const text = JSON.stringify(document);
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${text.replace(SEPARATORS, escaped)}\n`;
}

const markOf = (text: string): string => text.slice(0, text.indexOf(':') + 1);

/** Whether what lies from `byte` on begins as `mark` does, is nothing, or is the zeros that a power cut may leave. */
async function isOurs(path: string, byte: number, mark: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const wanted = Buffer.from(mark);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(wanted.length), 0, wanted.length, byte);
    const found = buffer.subarray(0, bytesRead);
    return found.equals(wanted.subarray(0, bytesRead)) || found.every((value) => value === 0);
  } finally {
    await handle.close();
  }
}

/** Byte after the last line feed (0 when there is none); undefined when there is no file. Reads backwards. */
export async function endOfLastLine(path: string): Promise<number | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const chunk = Buffer.allocUnsafe(Math.min(size, 64 * 1024));
    for (let end = size; end > 0; end -= chunk.length) {
      const start = Math.max(0, end - chunk.length);
      const { bytesRead } = await handle.read(chunk, 0, end - start, start);
      const feed = chunk.subarray(0, bytesRead).lastIndexOf(0x0a);
      if (feed >= 0) return start + feed + 1;
    }
    return 0;
  } finally {
    await handle.close();
  }
}
