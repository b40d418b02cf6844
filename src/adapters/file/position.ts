import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Place } from '../../ports';
import { ensureDirectory, isMissing, removeLeftovers, replaceFile, writeAll } from './durable';

const NAME = 'position.json';

/** The committed place of a source, in `position.json` of a directory of its own. */
export interface PositionStore {
  load(): Promise<Place | undefined>;
  /** Commits a place; written at most once in `everyMs`, the others wait for `flush`. */
  commit(place: Place): Promise<void>;
  /** Writes what waits, when its time has come or `now` is asked for. */
  flush(now: boolean): Promise<void>;
}

/** `load` rejects when the file is not one of ours: guessing a place would skip or repeat records. */
export function createPositionStore(dir: string, clock: Clock, everyMs: number): PositionStore {
  const path = join(dir, NAME);
  let waiting: Place | undefined;
  let written = Number.NEGATIVE_INFINITY;

  async function flush(now: boolean): Promise<void> {
    if (waiting === undefined || (!now && Math.abs(clock.now() - written) < everyMs)) return;
    const { next, cursor } = waiting;
    waiting = undefined;
    const data = Buffer.from(`${JSON.stringify({ version: 1, next, cursor })}\n`);
    await replaceFile(path, (handle) => writeAll(handle, data, 0));
    written = clock.now();
  }

  return {
    async load() {
      await ensureDirectory(dir);
      await removeLeftovers(dir, (name) => name === NAME);
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
      const place = parse(text);
      if (place === undefined) throw new Error(`${path} is damaged; remove it to start as configured`);
      return place;
    },
    async commit(place) {
      waiting = place;
      await flush(false);
    },
    flush,
  };
}

function parse(text: string): Place | undefined {
  try {
    const { version, next, cursor } = JSON.parse(text);
    return version === 1 && Number.isSafeInteger(next) && typeof cursor === 'string' ? { next, cursor } : undefined;
  } catch {
    return undefined;
  }
}
