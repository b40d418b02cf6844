import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureDirectory, isMissing, PRIVATE_MODE, syncDirectory } from './durable';

/** A file that only grows, by whole appends. */
export interface SyncedFile {
  readonly path: string;
  /** Bytes that are durable. */
  size(): number;
  /**
   * Resolves when the data is on disk; concurrent appends share one fsync and keep their order. On a rejection nothing
   * of the call is in the file: a failed write is cut off again. After a failed fsync or cut the file's content is
   * unknown and every later append rejects; only a restart helps.
   */
  append(data: Buffer): Promise<void>;
  /** Up to `length` durable bytes from `position`. */
  read(position: number, length: number): Promise<Buffer>;
  /** False when the path leads to no or another file (rotated away), or when the file was cut from outside. */
  inPlace(): Promise<boolean>;
  /** Waits for appends in progress. */
  close(): Promise<void>;
}

interface Waiting {
  readonly data: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Opens or creates a file, durably; the directory too. */
export async function openSyncedFile(path: string, options: { readonly mode?: number } = {}): Promise<SyncedFile> {
  await ensureDirectory(dirname(path));
  const handle = await open(path, 'a+', options.mode ?? PRIVATE_MODE);
  const start = await handle.stat().catch(async (error) => {
    await handle.close();
    throw error;
  });
  if (start.size === 0) await syncDirectory(dirname(path));
  return syncedFile(path, handle, start.size, start.ino);
}

function syncedFile(path: string, handle: FileHandle, startSize: number, inode: number): SyncedFile {
  let size = startSize;
  let broken: unknown;
  let closed = false;
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  async function writeAndSync(data: Buffer): Promise<void> {
    try {
      let done = 0;
      while (done < data.length) done += (await handle.write(data, done, data.length - done)).bytesWritten;
    } catch (error) {
      await handle.truncate(size).catch((fault) => {
        broken = fault;
      });
      throw error;
    }
    try {
      await handle.datasync();
    } catch (error) {
      broken = error;
      throw error;
    }
    size += data.length;
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        if (broken !== undefined)
          throw new Error(`${path} failed before and is not written any more`, { cause: broken });
        await writeAndSync(group.length === 1 ? group[0]!.data : Buffer.concat(group.map((entry) => entry.data)));
        for (const entry of group) entry.resolve();
      } catch (error) {
        for (const entry of group) entry.reject(error);
      }
    }
    flushing = undefined;
  }

  return {
    path,
    size: () => size,
    append(data) {
      if (closed) return Promise.reject(new Error(`${path} is closed`));
      if (data.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push({ data, resolve, reject });
        // Appends made in the same turn of the event loop join the first group.
        flushing ??= Promise.resolve().then(flush);
      });
    },
    async read(position, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
      let done = 0;
      while (done < buffer.length) {
        const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
        if (bytesRead === 0) throw new Error(`${path} is shorter than what was written to it`);
        done += bytesRead;
      }
      return buffer;
    },
    async inPlace() {
      try {
        const info = await stat(path);
        return info.ino === inode && info.size >= size;
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    },
    async close() {
      closed = true;
      await flushing;
      await handle.close();
    },
  };
}

/** Cuts a file to its first `length` bytes, durably. Nothing happens when it is not longer. */
export async function cutFile(path: string, length: number): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    if ((await handle.stat()).size <= length) return;
    await handle.truncate(length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
