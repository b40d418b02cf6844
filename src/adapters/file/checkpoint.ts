import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint, CheckpointStore } from '../../ports';
import { ensureDirectory, isMissing, listNames, removeLeftovers, replaceFile, writeAll } from './durable';

/** Header: 8 bytes magic with format version, 8 bytes length of the state (little endian), 32 bytes its SHA-256. */
const MAGIC = Buffer.from('KWCKPT\0\x01', 'latin1');
const HEADER_BYTES = 48;
/** States of hundreds of megabytes are hashed and written in pieces, so that the process answers meanwhile. */
const PIECE_BYTES = 1024 * 1024;
/** POSIX guarantees 16 buffers a call; systems take 1,024. */
const PIECES_AT_ONCE = 512;

const NAME = /^partition-(\d+)\.(\d{12})\.ckpt$/;
const nameOf = (partition: number, generation: number) =>
  `partition-${partition}.${String(generation).padStart(12, '0')}.ckpt`;

/**
 * Whole states as files `partition-<n>.<generation>.ckpt` in `dir`. `save` resolves when the new one is durable; the one
 * before it is kept. `load` answers the newest whole one: a torn, cut or edited file is recognised by length and digest
 * and passed over. Rejects when files are there but none is whole, because going on without a state would silently
 * forget what was learned; the message names the way out. One process at a time may use a directory.
 */
export function createFileCheckpointStore(dir: string): CheckpointStore {
  /** Newest generation known to be whole, by partition. */
  const whole = new Map<number, number>();
  const saving = new Map<number, Promise<void>>();

  async function generations(partition: number): Promise<number[]> {
    const found: number[] = [];
    for (const name of await listNames(dir)) {
      const match = NAME.exec(name);
      if (match && Number(match[1]) === partition) found.push(Number(match[2]));
    }
    return found.sort((a, b) => b - a);
  }

  async function load(partition: number): Promise<Uint8Array | undefined> {
    const candidates = await generations(partition);
    const faults: string[] = [];
    for (const generation of candidates) {
      const name = nameOf(partition, generation);
      const state = await readWhole(join(dir, name));
      if (typeof state !== 'string') {
        whole.set(partition, generation);
        return state;
      }
      faults.push(`${name}: ${state}`);
    }
    if (candidates.length === 0) return undefined;
    throw new Error(
      `no whole checkpoint of partition ${partition} in ${dir} (${faults.join('; ')}); ` +
        'restore the directory from a backup, or remove these files to learn afresh',
    );
  }

  async function save(partition: number, { pieces }: Checkpoint): Promise<void> {
    await ensureDirectory(dir);
    const present = await generations(partition);
    const generation = (present[0] ?? 0) + 1;
    await removeLeftovers(dir, (name) => NAME.exec(name)?.[1] === String(partition));
    await replaceFile(join(dir, nameOf(partition, generation)), (handle) => writeState(handle, pieces));
    const keep = whole.get(partition) ?? present[0];
    whole.set(partition, generation);
    for (const old of present) {
      if (old !== keep) await rm(join(dir, nameOf(partition, old)), { force: true });
    }
  }

  return {
    load,
    save(partition, checkpoint) {
      const before = saving.get(partition) ?? Promise.resolve();
      const mine = before.catch(() => {}).then(() => save(partition, checkpoint));
      saving.set(partition, mine);
      return mine;
    },
  };
}

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

async function writeState(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const hash = createHash('sha256');
  let length = 0;
  for (const portion of portionsOf(pieces)) {
    for (const piece of portion) hash.update(piece);
    length += await writeAllOf(handle, portion, HEADER_BYTES + length);
    await breathe();
  }
  await writeAll(handle, header(length, hash), 0);
}

/** Pieces that are written with one call: about `PIECE_BYTES`, and no more than a system takes at once. */
function* portionsOf(pieces: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let portion: Uint8Array[] = [];
  let bytes = 0;
  for (const whole of pieces) {
    for (let at = 0; at < whole.length; at += PIECE_BYTES) {
      const piece = whole.subarray(at, at + PIECE_BYTES);
      portion.push(piece);
      bytes += piece.length;
      if (bytes < PIECE_BYTES && portion.length < PIECES_AT_ONCE) continue;
      yield portion;
      portion = [];
      bytes = 0;
    }
  }
  if (portion.length > 0) yield portion;
}

/** Answers how many bytes these are. */
async function writeAllOf(handle: FileHandle, portion: readonly Uint8Array[], position: number): Promise<number> {
  const wanted = portion.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await handle.writev(portion as Uint8Array[], position);
  if (bytesWritten < wanted) {
    const rest = Buffer.concat(portion).subarray(bytesWritten);
    await writeAll(handle, rest, position + bytesWritten);
  }
  return wanted;
}

function header(length: number, hash: Hash): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([MAGIC, size, hash.digest()]);
}

/** The state in a file, or what is wrong with the file. */
async function readWhole(path: string): Promise<Uint8Array | string> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return 'gone';
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(HEADER_BYTES);
    if (size < HEADER_BYTES || !(await readFully(handle, head, 0))) return 'shorter than its header';
    if (!head.subarray(0, 8).equals(MAGIC)) return 'not a checkpoint of this format';
    const length = Number(head.readBigUInt64LE(8));
    if (size !== HEADER_BYTES + length) return `${size} bytes long instead of ${HEADER_BYTES + length}`;
    const state = Buffer.allocUnsafeSlow(length);
    const hash = createHash('sha256');
    for (let at = 0; at < length; at += PIECE_BYTES) {
      const piece = state.subarray(at, at + PIECE_BYTES);
      if (!(await readFully(handle, piece, HEADER_BYTES + at))) return 'ended while it was read';
      hash.update(piece);
      await breathe();
    }
    return hash.digest().equals(head.subarray(16)) ? state : 'its content does not fit its digest';
  } finally {
    await handle.close();
  }
}

async function readFully(handle: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}
