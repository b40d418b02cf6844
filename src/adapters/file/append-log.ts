import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { isMissing } from './durable';
import { createLineSplitter } from './lines';
import { cutFile, openSyncedFile, type SyncedFile } from './synced-file';

/**
 * An append-only log of JSON texts, one a line: CRC-32 of the text's bytes in eight hexadecimal digits, a space, the
 * text, a line feed. Readable with `cut -c10-`.
 */
export interface AppendLog {
  readonly path: string;
  /** Durable bytes. */
  size(): number;
  /** Resolves when all are durable, in this order. On a rejection none of them is in the log. */
  append(texts: readonly string[]): Promise<void>;
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

const MAX_LINE_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export function encodeLines(texts: readonly string[]): Buffer {
  const lines = texts.map((text) => `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`);
  return Buffer.from(lines.join(''), 'utf8');
}

/** The text of a line without its line feed; undefined when the line is not whole. */
export function decodeLine(line: Buffer): string | undefined {
  if (line.length < 10 || line[8] !== 0x20) return undefined;
  const guard = line.toString('latin1', 0, 8);
  if (!/^[0-9a-f]{8}$/.test(guard) || Number.parseInt(guard, 16) !== crc32(line.subarray(9))) return undefined;
  return line.toString('utf8', 9);
}

/**
 * Opens a log, hands the texts in it to `onText` in order, and cuts off a torn tail (an append that a crash interrupted,
 * which therefore never resolved). A damaged line with whole lines behind it is no torn tail but damage from outside:
 * then it rejects and leaves the file as it is.
 */
export async function openAppendLog(path: string, onText: (text: string) => void = () => {}): Promise<AppendLog> {
  const whole = await scan(path, onText);
  if (whole !== undefined) await cutFile(path, whole);
  const file: SyncedFile = await openSyncedFile(path);
  return {
    path,
    size: file.size,
    append: (texts) => file.append(encodeLines(texts)),
    read: file.read,
    close: file.close,
  };
}

/** Reads all whole lines; answers the byte after the last of them, or undefined when there is no file. */
async function scan(path: string, onText: (text: string) => void): Promise<number | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const splitter = createLineSplitter({ maxBytes: MAX_LINE_BYTES, blank: 'keep', keepReturn: true });
  let whole = 0;
  let damagedAt: number | undefined;
  try {
    for (let position = 0; ; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return whole;
      position += bytesRead;
      for (const { line, end } of splitter.push(buffer.subarray(0, bytesRead))) {
        const text = decodeLine(line);
        if (text === undefined) damagedAt ??= whole;
        else if (damagedAt !== undefined) throw new Error(`${path} is damaged at byte ${damagedAt}`);
        else {
          onText(text);
          whole = end;
        }
      }
    }
  } finally {
    await handle.close();
  }
}
