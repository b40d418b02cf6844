import { stat } from 'node:fs/promises';
import type { Clock } from '../../ports';

/** What a look at a file came to: what it holds now, and whether that is news. */
export interface Watched<T> {
  readonly value: T | undefined;
  readonly changed: boolean;
}

/**
 * Reads a file when it has changed, looking at most every `everyMs`. One that cannot be read as a whole is told of through
 * `onFault`, once for each reason; what was read before stays in force.
 */
export function watchFile<T>(
  path: string,
  everyMs: number,
  clock: Pick<Clock, 'now'>,
  read: (path: string) => Promise<T>,
  onFault: (reason: string) => void,
): () => Promise<Watched<T>> {
  let seen = '';
  let lookedAt = -Infinity;
  let told = '';
  let value: T | undefined;
  return async () => {
    if (clock.now() - lookedAt < everyMs) return { value, changed: false };
    lookedAt = clock.now();
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (version === seen) return { value, changed: false };
      value = await read(path);
      seen = version;
      told = '';
      return { value, changed: true };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (told !== reason) onFault(reason);
      told = reason;
      return { value, changed: false };
    }
  };
}
