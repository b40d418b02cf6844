import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { isMissing, listNames } from './durable';
import { fingerprintLength, fingerprintOf, isGzipName, readHead } from './input-file';

/** Where reading stands in a file: the content of a file source's cursor. */
export interface FileCursor {
  /** Name of the live file (not of a rotated one) within its directory. */
  readonly file: string;
  readonly inode: number;
  /** Byte after the last line handed on; of a gzip file, of its unpacked text. */
  readonly byte: number;
  /** See input-file.ts. */
  readonly head: string;
}

export function parseCursor(text: string): FileCursor | undefined {
  try {
    const { file, inode, byte, head } = JSON.parse(text);
    const sound =
      typeof file === 'string' && typeof head === 'string' && Number.isFinite(inode) && Number.isSafeInteger(byte);
    return sound && byte >= 0 ? { file, inode, byte, head } : undefined;
  } catch {
    return undefined;
  }
}

/** A path that is configured: one file, or a directory of files that are read one after the other by name. */
export interface Inputs {
  readonly dir: string;
  /** Live files in reading order; those that are there now. */
  live(): Promise<string[]>;
  /** Files that a rotation made of a live one, oldest change first. */
  rotated(file: string): Promise<Found[]>;
}

export interface Found {
  readonly path: string;
  readonly inode: number;
  readonly size: number;
  readonly modifiedMs: number;
}

const INPUT_NAME = /\.(ndjson|json|log|gz)$/;
/** A fingerprint of fewer bytes than this does not tell one log from another. */
const TELLING_BYTES = 64;

export const isInputName = (name: string): boolean => INPUT_NAME.test(name) && !name.startsWith('.');

export async function look(path: string): Promise<Found | undefined> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return undefined;
    return { path, inode: info.ino, size: info.size, modifiedMs: info.mtimeMs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export async function createInputs(path: string): Promise<Inputs> {
  const directory = await isDirectory(path);
  const dir = directory ? path : dirname(path);
  const single = basename(path);
  const live = async () => {
    const names = directory ? (await listNames(dir)).filter(isInputName) : [single];
    const present = await Promise.all(names.map(async (name) => ((await look(join(dir, name))) ? name : '')));
    return present.filter((name) => name !== '');
  };
  return {
    dir,
    live,
    async rotated(file) {
      const names = (await listNames(dir)).filter((name) => isRotationOf(name, file));
      // In a directory such a name may be an input of its own; it is then read as that.
      const own = directory ? names.filter((name) => !isInputName(name)) : names;
      // While a file is being compressed both are there; the plain one is whole.
      const kept = own.filter((name) => !isGzipName(name) || !own.includes(name.slice(0, -3)));
      const found = await Promise.all(kept.map((name) => look(join(dir, name))));
      return found
        .filter((entry) => entry !== undefined)
        .sort((a, b) => a.modifiedMs - b.modifiedMs || (a.path < b.path ? 1 : -1));
    },
  };
}

/** `access.log.1`, `access.log-20240131.gz`, and logrotate's `extension` form `access-20240131.log`. */
function isRotationOf(name: string, file: string): boolean {
  const plain = isGzipName(name) ? name.slice(0, -3) : name;
  const extension = extname(file);
  const stem = extension === '' ? file : file.slice(0, -extension.length);
  const marks: string[] = [];
  if (plain.startsWith(file)) marks.push(plain.slice(file.length));
  if (extension !== '' && plain.startsWith(stem) && plain.endsWith(extension)) {
    marks.push(plain.slice(stem.length, plain.length - extension.length));
  }
  return marks.some((mark) => /^[.-]\d[\dTZ:._-]*$/.test(mark));
}

/**
 * The file that a cursor stands in: under its own name, or where a rotation took it (renamed, copied or compressed).
 * Undefined when it is gone.
 */
export async function locate(inputs: Inputs, cursor: FileCursor): Promise<Found | undefined> {
  const live = await look(join(inputs.dir, cursor.file));
  const candidates = [...(live ? [live] : []), ...(await inputs.rotated(cursor.file)).reverse()];
  const byInode = candidates.filter((found) => found.inode === cursor.inode);
  for (const found of byInode) if (await fits(found, cursor)) return found;
  if (fingerprintLength(cursor.head) < TELLING_BYTES) return undefined;
  for (const found of candidates) if (found.inode !== cursor.inode && (await fits(found, cursor))) return found;
  return undefined;
}

async function fits(found: Found, cursor: FileCursor): Promise<boolean> {
  if (!isGzipName(found.path) && found.size < cursor.byte) return false;
  const length = fingerprintLength(cursor.head);
  return fingerprintOf(await readHead(found.path, length)) === cursor.head;
}

export interface Successor extends Found {
  /** Name of the live file that it is, or was rotated from. */
  readonly file: string;
}

/**
 * What is read after a file that has come to its end: younger rotations of the same live file, then the live file, then
 * the next live file by name. Undefined when there is none (yet).
 */
export async function successor(
  inputs: Inputs,
  file: string,
  current: { readonly inode: number; readonly modifiedMs: number },
): Promise<Successor | undefined> {
  const live = await look(join(inputs.dir, file));
  if (live?.inode !== current.inode) {
    const younger = (await inputs.rotated(file)).find(
      (found) => found.inode !== current.inode && found.modifiedMs > current.modifiedMs,
    );
    if (younger) return { file, ...younger };
    if (live) return { file, ...live };
  }
  const next = (await inputs.live()).find((name) => name > file);
  const found = next === undefined ? undefined : await look(join(inputs.dir, next));
  return found && { file: next!, ...found };
}
