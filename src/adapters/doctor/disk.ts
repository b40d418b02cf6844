import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMissing, PRIVATE_MODE } from '../file/durable';
import { lockHolder } from '../file/lock';
import { codeText, type Finding, failed, ok, warning } from './finding';

/** The part of the file system that a test may want to be full. */
export interface Disk {
  /** Bytes that an ordinary process may still write at `path`. */
  readonly free: (path: string) => Promise<number>;
  /** Writes a small file there, makes it durable and removes it. */
  readonly probe: (dir: string) => Promise<void>;
}

export const systemDisk: Disk = {
  free: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  probe: async (dir) => {
    const path = join(dir, `doctor.${randomUUID().slice(0, 8)}.tmp`);
    try {
      const handle = await open(path, 'wx', PRIVATE_MODE);
      try {
        await handle.write(Buffer.alloc(4_096));
        await handle.sync();
      } finally {
        await handle.close();
      }
    } finally {
      await rm(path, { force: true });
    }
  },
};

const WARN_FREE = 1_073_741_824;
/** Below this an outbox segment or a ledger may no longer fit. */
const FAIL_FREE = 67_108_864;
const CHECKPOINT = /^partition-(\d+)\.(\d{12})\.ckpt$/;

export const stateWritable = async (dir: string, disk: Disk): Promise<Finding> => {
  const check = 'state directory';
  const place = await nearestThere(dir);
  try {
    if (place !== resolve(dir)) {
      await access(place, constants.W_OK | constants.X_OK);
      return ok(check, `${dir} is not there yet and can be made`);
    }
    await disk.probe(dir);
    return ok(check, `${dir} can be written`);
  } catch (error) {
    const code = codeText(error);
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    return failed(
      check,
      `${dir} cannot be written (${code})${full ? ': the disk or the quota is full' : ''}`,
      full
        ? 'free space or enlarge the volume; nothing is lost, keywatch waits until it can write'
        : 'give the user that runs keywatch write access, or set state.dir to a place where it has it',
    );
  }
};

/** Warns below 1 GiB or room for two checkpoints; fails where not even one would fit. */
export const freeSpace = async (dir: string, disk: Disk): Promise<Finding> => {
  const check = 'free space';
  const checkpoint = await newestCheckpoints(join(dir, 'checkpoints'));
  const free = await disk.free(await nearestThere(dir));
  const of = checkpoint === 0 ? '' : `; the newest checkpoints have ${size(checkpoint)}`;
  const saw = `${size(free)} free for ${dir}${of}`;
  const todo = 'free space or enlarge the volume: a checkpoint is written beside the one before it';
  if (free < Math.max(FAIL_FREE, checkpoint)) return failed(check, saw, todo);
  return free < Math.max(WARN_FREE, 2 * checkpoint) ? warning(check, saw, todo) : ok(check, saw);
};

/** Bytes of the newest checkpoint of every partition together. */
async function newestCheckpoints(dir: string): Promise<number> {
  const newest = new Map<string, string>();
  const names = await readdir(dir).catch(() => [] as string[]);
  for (const name of names.sort()) {
    const partition = CHECKPOINT.exec(name)?.[1];
    if (partition !== undefined) newest.set(partition, name);
  }
  let total = 0;
  for (const name of newest.values()) total += (await stat(join(dir, name)).catch(() => undefined))?.size ?? 0;
  return total;
}

export const stateLock = async (dir: string): Promise<Finding> => {
  const check = 'state lock';
  const path = join(dir, 'lock');
  const left = await stat(path).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (left === undefined) return ok(check, 'no process runs with this state');
  const holder = await lockHolder(dir);
  if (holder !== undefined) return ok(check, `process ${holder} runs with this state`);
  return warning(
    check,
    `${path} is of a process that no longer lives on this machine`,
    'nothing if it crashed: the next start takes the lock over; if it runs in another container or host, keep to one',
  );
};

/** A file to be read: the log, a list, an inventory. */
export const readable = async (check: string, path: string): Promise<Finding> => {
  try {
    await access(path, constants.R_OK);
    return ok(check, `${path} can be read`);
  } catch (error) {
    return failed(
      check,
      `${path} cannot be read (${codeText(error)})`,
      'correct the path, or give the user that runs keywatch access',
    );
  }
};

/** A file to be appended to; it need not be there. Nothing is written. */
export const appendable = async (check: string, path: string): Promise<Finding> => {
  try {
    const place = await nearestThere(path);
    const there = place === resolve(path);
    if (there && !(await stat(path)).isFile())
      return failed(check, `${path} is no plain file`, 'name a file in its path');
    await access(place, there ? constants.W_OK : constants.W_OK | constants.X_OK);
    return ok(check, there ? `${path} can be written` : `${path} is not there yet and can be made`);
  } catch (error) {
    return failed(
      check,
      `${path} cannot be written (${codeText(error)})`,
      'give the user that runs keywatch write access there, or correct the path',
    );
  }
};

/** The path itself where something is there, else the nearest directory above it that is. */
async function nearestThere(path: string): Promise<string> {
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      await stat(at);
      return at;
    } catch (error) {
      if (!isMissing(error) || at === dirname(at)) throw error;
    }
  }
}

export const size = (bytes: number): string => {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1_024 ** step).toFixed(1))} ${units[step]}`;
};
