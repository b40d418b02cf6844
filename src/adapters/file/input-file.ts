import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/**
 * A file being read from a byte on; of a gzip file, bytes are those of the unpacked text. `fingerprint` names the
 * file by its first bytes, so that it is known again after a rename, a copy or compression, and told from another file
 * with a reused inode.
 */
export interface InputFile {
  readonly path: string;
  readonly inode: number;
  readonly gzip: boolean;
  /** The next bytes, or undefined at the present end (of a gzip file: the end). Rejects for a damaged gzip file. */
  read(): Promise<Buffer | undefined>;
  /** Of the first `HEAD_BYTES` bytes, or of the first `byte` when those are fewer. */
  fingerprint(byte: number): string;
  /** Bytes of the file now; undefined for a gzip file. */
  size(): Promise<number | undefined>;
  modifiedMs(): Promise<number>;
  /** False when the file was emptied, and perhaps filled again, since it was opened (copytruncate). */
  intact(): Promise<boolean>;
  close(): Promise<void>;
}

export const HEAD_BYTES = 256;
const CHUNK_BYTES = 256 * 1024;

export const isGzipName = (name: string): boolean => name.endsWith('.gz');

/** `<length>:<16 hexadecimal digits of the SHA-256>` of the first bytes. Sixty-four bits do not lead back to a text. */
export function fingerprintOf(head: Buffer): string {
  const digest = createHash('sha256').update(head).digest('hex').slice(0, 16);
  return `${head.length}:${digest}`;
}

/** Length of the text that a fingerprint was made of. */
export const fingerprintLength = (fingerprint: string): number => Number.parseInt(fingerprint, 10) || 0;

export function openInput(path: string, byte: number): Promise<InputFile> {
  return isGzipName(path) ? openGzip(path, byte) : openPlain(path, byte);
}

/** The first bytes of a file's (unpacked) text, at most `length`; fewer when it is shorter or damaged. */
export async function readHead(path: string, length: number, gzip = isGzipName(path)): Promise<Buffer> {
  if (!gzip) {
    const handle = await open(path, 'r');
    try {
      return await pread(handle, 0, length);
    } finally {
      await handle.close();
    }
  }
  const chunks = unpacked(path);
  let head = Buffer.alloc(0);
  try {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) break;
      head = Buffer.concat([head, value]);
      if (head.length >= length) break;
    }
  } catch {
    // A damaged file is known by what can be read of it.
  }
  await chunks.return();
  return head.subarray(0, length);
}

async function pread(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

async function openPlain(path: string, byte: number): Promise<InputFile> {
  const handle = await open(path, 'r');
  try {
    const { ino } = await handle.stat();
    let position = byte;
    let head = await pread(handle, 0, Math.min(HEAD_BYTES, byte));
    return {
      path,
      inode: ino,
      gzip: false,
      async read() {
        const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
        const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
        if (bytesRead === 0) return undefined;
        const chunk = buffer.subarray(0, bytesRead);
        if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
        position += bytesRead;
        return chunk;
      },
      fingerprint: (at) => fingerprintOf(head.subarray(0, Math.min(at, HEAD_BYTES))),
      size: async () => (await handle.stat()).size,
      modifiedMs: async () => (await handle.stat()).mtimeMs,
      intact: async () => (await handle.stat()).size >= position && (await pread(handle, 0, head.length)).equals(head),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openGzip(path: string, byte: number): Promise<InputFile> {
  const handle = await open(path, 'r');
  const info = await handle.stat().finally(() => handle.close());
  const chunks = unpacked(path);
  let head = Buffer.alloc(0);
  let skip = byte;
  return {
    path,
    inode: info.ino,
    gzip: true,
    async read() {
      for (;;) {
        const { done, value } = await chunks.next();
        if (done) return undefined;
        if (head.length < HEAD_BYTES) head = Buffer.concat([head, value.subarray(0, HEAD_BYTES - head.length)]);
        const rest = value.subarray(Math.min(skip, value.length));
        skip -= value.length - rest.length;
        if (rest.length > 0) return rest;
      }
    },
    fingerprint: (at) => fingerprintOf(head.subarray(0, Math.min(at, HEAD_BYTES))),
    size: async () => undefined,
    modifiedMs: async () => info.mtimeMs,
    intact: async () => true,
    async close() {
      await chunks.return();
    },
  };
}

/** The unpacked chunks of a gzip file (several members too); ending it early frees the file. */
export async function* unpacked(
  path: string,
  onPackedBytes: (bytes: number) => void = () => {},
): AsyncGenerator<Buffer, void, void> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  packed.on('data', (chunk) => onPackedBytes(chunk.length));
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}
