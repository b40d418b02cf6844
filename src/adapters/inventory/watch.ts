import { stat } from 'node:fs/promises';
import type { Clock } from '../../ports';
import { type ReadInventory, readInventory, type Scopes } from './read';

export interface InventoryFile {
  readonly path: string;
  readonly scopes: Scopes;
  /** Least time between two looks at the file, milliseconds. */
  readonly reload: number;
}

/**
 * Looks whether the file has changed, at most every `reload`. Answers what it holds when it has (and at the first look),
 * undefined when not. A file that cannot be read as a whole is told of through `onFault`, once for each change; what was
 * read before stays in force.
 */
export function watchInventory(
  { path, scopes, reload }: InventoryFile,
  clock: Clock,
  onFault: (reason: string) => void,
): () => Promise<ReadInventory | undefined> {
  let seen = '';
  let lookedAt = -Infinity;
  let told = '';
  const tellOnce = (reason: string) => {
    if (told !== reason) onFault(reason);
    told = reason;
  };
  return async () => {
    if (clock.now() - lookedAt < reload) return undefined;
    lookedAt = clock.now();
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (version === seen) return undefined;
      seen = version;
      const read = await readInventory(path, scopes);
      told = '';
      return read;
    } catch (error) {
      tellOnce(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
}
