import { join } from 'node:path';
import type { Clock } from '../../ports';
import { errorCode, isMissing } from './durable';
import { type InputFile, openInput } from './input-file';
import { type FileCursor, type Found, type Inputs, locate, look, parseCursor, successor } from './inputs';
import { endOfLastLine } from './ndjson-file';

/** Lines may have been missed. For the log of the operator: names and bytes, no content. */
export interface Gap {
  readonly file: string;
  readonly detail: string;
}

/** A file that is read from `byte` on. `file` is the live file that it is, or was rotated from. */
export interface Opened {
  readonly file: string;
  readonly byte: number;
  readonly input: InputFile;
}

export interface ReadingOptions {
  readonly path: string;
  readonly inputs: Inputs;
  readonly follow: boolean;
  readonly start: 'earliest' | 'latest';
  readonly clock: Clock;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly onGap: (gap: Gap) => void;
  readonly setProblem: (problem: string | undefined) => void;
}

/** Which file is read, and from where. Each answer of undefined means that reading is over. */
export interface Reading {
  /** Where the cursor stands; '' for a first start. With `follow` it waits for a first file. */
  begin(cursor: string): Promise<Opened | undefined>;
  /** Goes on after the file of this cursor was emptied by its writer: in the copy made of it, else at its beginning. */
  afterTruncation(cursor: FileCursor): Promise<Opened | undefined>;
  hasSuccessor(opened: Opened): Promise<boolean>;
  successorOf(opened: Opened): Promise<Opened | undefined>;
  /** The next bytes; damaged gzip data is reported and counts as the end. */
  read(opened: Opened): Promise<Buffer | undefined>;
}

/** Tries before a directory that changes under every look is given up. */
const TRIES = 20;

export function createReading(options: ReadingOptions): Reading {
  const { path, inputs, follow, start, clock, pollMs, signal, onGap, setProblem } = options;

  /** Undefined when the file is not there any more, or is another one: names move while a rotation goes on. */
  async function openFound(file: string, found: Found, byte: number): Promise<Opened | undefined> {
    let input: InputFile;
    try {
      input = await openInput(found.path, byte);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    if (input.inode === found.inode) return { file, byte, input };
    await input.close();
    return undefined;
  }

  /** Opens what `find` answers; again when it has moved meanwhile. */
  async function openMoving(find: () => Promise<{ file: string; found: Found; byte: number } | undefined>) {
    for (let i = 0; i < TRIES; i++) {
      const target = await find();
      if (target === undefined) return undefined;
      const opened = await openFound(target.file, target.found, target.byte);
      if (opened !== undefined) return opened;
    }
    throw new Error(`the files of ${path} change faster than they can be opened`);
  }

  /** Opens the live file that `pick` chooses; with `follow` it waits until there is one. */
  async function openLive(pick: (names: readonly string[]) => string | undefined, atEnd: boolean) {
    let fromEnd = atEnd;
    while (!signal.aborted) {
      const opened = await openMoving(async () => {
        const file = pick(await inputs.live());
        const found = file === undefined ? undefined : await look(join(inputs.dir, file));
        if (file === undefined || found === undefined) return undefined;
        return { file, found, byte: fromEnd ? ((await endOfLastLine(found.path)) ?? 0) : 0 };
      });
      if (opened !== undefined) {
        setProblem(undefined);
        return opened;
      }
      if (!follow) throw new Error(`${path}: no such file, or no *.ndjson, *.json, *.log or *.gz file in it`);
      setProblem(`${path} is not there yet`);
      // What appears later is new: it is read from its beginning.
      fromEnd = false;
      await clock.sleep(pollMs, signal);
    }
    return undefined;
  }

  const fromCursor = (cursor: FileCursor) =>
    openMoving(async () => {
      const found = await locate(inputs, cursor);
      return found && { file: cursor.file, found, byte: cursor.byte };
    });

  const fileOrLater = (file: string) => (names: readonly string[]) =>
    names.find((name) => name === file) ?? names.find((name) => name > file);

  async function resume(cursor: FileCursor, lost: string): Promise<Opened | undefined> {
    const opened = await fromCursor(cursor);
    if (opened !== undefined) return opened;
    onGap({ file: cursor.file, detail: lost });
    return openLive(fileOrLater(cursor.file), false);
  }

  const next = async (opened: Opened) =>
    successor(inputs, opened.file, { inode: opened.input.inode, modifiedMs: await opened.input.modifiedMs() });

  return {
    begin(text) {
      if (text === '') {
        return start === 'latest'
          ? openLive((names) => names[names.length - 1], true)
          : openLive((names) => names[0], false);
      }
      const cursor = parseCursor(text);
      if (cursor !== undefined) {
        return resume(
          cursor,
          `the file read up to byte ${cursor.byte} is neither there nor among its rotations; lines behind that may be missed, reading goes on at the beginning of the live file`,
        );
      }
      onGap({ file: path, detail: 'the stored cursor is not one of a file; reading goes on at the beginning' });
      return openLive((names) => names[0], false);
    },
    afterTruncation: (cursor) =>
      resume(
        cursor,
        `emptied by its writer after byte ${cursor.byte}, and no copy was found; lines written just before may be missed`,
      ),
    hasSuccessor: async (opened) => (await next(opened)) !== undefined,
    successorOf: (opened) =>
      openMoving(async () => {
        const found = await next(opened);
        return found && { file: found.file, found, byte: 0 };
      }),
    async read(opened) {
      try {
        return await opened.input.read();
      } catch (error) {
        if (!opened.input.gzip) throw error;
        onGap({
          file: opened.file,
          detail: `damaged gzip data (${errorCode(error) ?? 'unknown'})`,
        });
        return undefined;
      }
    },
  };
}
