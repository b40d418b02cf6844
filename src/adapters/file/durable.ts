import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Permissions of everything that keywatch keeps for itself: its owner's only. */
export const PRIVATE_MODE = 0o600;

/** The system's code of an I/O error, such as `ENOENT`. */
export const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

export const isMissing = (error: unknown): boolean => errorCode(error) === 'ENOENT';

/** Makes names in a directory (creations, renames, deletions) survive a power cut. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems (and Windows) cannot sync a directory; a rename is then as durable as they make it.
    if (!['EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Creates a directory and its parents; the new names are durable when this resolves. */
export async function ensureDirectory(dir: string): Promise<void> {
  const first = await mkdir(dir, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let made = dirname(resolve(dir)); ; made = dirname(made)) {
    await syncDirectory(made);
    if (made === top || made === dirname(made)) return;
  }
}

/**
 * Replaces a file whole: what `write` put into the handle is at `path` when this resolves, and after a crash at any
 * moment the file is the old one or the new one. A failure leaves the old one and no temporary file.
 */
export async function replaceFile(path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const handle = await open(temporary, 'wx', PRIVATE_MODE);
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Removes what a crash in `replaceFile` left behind for the given base names. Only for directories of our own. */
export async function removeLeftovers(dir: string, belongs: (name: string) => boolean): Promise<void> {
  for (const name of await listNames(dir)) {
    const base = /^(.+)\.[0-9a-f]{8}\.tmp$/.exec(name)?.[1];
    if (base !== undefined && belongs(base)) await rm(join(dir, name), { force: true });
  }
}

/** Names in a directory, sorted by code unit (the same in every locale); none when it does not exist. */
export async function listNames(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Writes all of `data` at `position`; a single write may be short. */
export async function writeAll(handle: FileHandle, data: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < data.length) {
    const { bytesWritten } = await handle.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}
