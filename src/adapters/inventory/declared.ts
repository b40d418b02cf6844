import type { AddressList } from '../../domain/address-list';
import type { Inventory, KeyFacts } from '../../domain/inventory';
import type { Clock } from '../../ports';
import { readAddressList } from './lists';
import { type BadRow, readRows, type Scopes } from './read';
import { sealed } from './seal';
import { type Watched, watchFile } from './watch';

/** Which files hold what is declared. */
export interface DeclaredFiles {
  readonly inventory?: { readonly path: string; readonly scopes: Scopes; readonly reload: number } | undefined;
  readonly addressLists: readonly { readonly name: string; readonly path: string; readonly rule: boolean }[];
}

/** A line of one of the files that is not used. */
export interface BadLine extends BadRow {
  readonly file: string;
}

export interface Declared {
  readonly inventory: Inventory;
  readonly bad: readonly BadLine[];
}

/** How often a change of an address list is looked for, milliseconds. */
const LIST_RELOAD = 30_000;

interface Piece {
  readonly rows: readonly KeyFacts[];
  readonly lists: readonly AddressList[];
  readonly bad: readonly BadLine[];
}

/**
 * All that is declared, when any of the files has changed since the last call (and at the first), else undefined. A file
 * that cannot be read counts with what it held before; undefined at the first call when none is configured.
 */
export function watchDeclared(
  { inventory, addressLists }: DeclaredFiles,
  clock: Pick<Clock, 'now'>,
  onFault: (file: string, reason: string) => void,
): () => Promise<Declared | undefined> {
  const looks: (() => Promise<Watched<Piece>>)[] = [];
  const watch = (path: string, everyMs: number, read: (path: string) => Promise<Piece>) =>
    looks.push(watchFile(path, everyMs, clock, read, (reason) => onFault(path, reason)));
  const badIn = (file: string, bad: readonly BadRow[]): BadLine[] => bad.map((row) => ({ file, ...row }));
  if (inventory !== undefined) {
    watch(inventory.path, inventory.reload, async (path) => {
      const { rows, bad } = await readRows(path, inventory.scopes);
      return { rows, lists: [], bad: badIn(path, bad) };
    });
  }
  for (const entry of addressLists) {
    watch(entry.path, LIST_RELOAD, async (path) => {
      const { list, bad } = await readAddressList(path, entry);
      return { rows: [], lists: [list], bad: badIn(path, bad) };
    });
  }
  return async () => {
    const found: Watched<Piece>[] = [];
    for (const look of looks) found.push(await look());
    if (!found.some(({ changed }) => changed)) return undefined;
    const pieces = found.flatMap(({ value }) => value ?? []);
    return {
      inventory: sealed(
        pieces.flatMap(({ rows }) => rows),
        pieces.flatMap(({ lists }) => lists),
      ),
      bad: pieces.flatMap(({ bad }) => bad),
    };
  };
}
