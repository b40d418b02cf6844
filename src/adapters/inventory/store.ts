import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inventory } from '../../domain/inventory';
import type { InventoryStore } from '../../ports';
import { ensureDirectory, listNames, removeLeftovers, replaceFile, writeAll } from '../file/durable';
import { fromLines, linesOf } from './seal';

const NAME = /^([0-9a-f]{64})\.ndjson$/;
/** A checkpoint names the inventory of its moment, and the one before it is kept too; so many changes lie between. */
const KEPT = 16;

export interface FileInventoryStore extends InventoryStore {
  /** Removes all inventories but those of these digests. */
  keepOnly(digests: readonly string[]): Promise<void>;
}

/**
 * Inventories as files `<digest>.ndjson` in `dir`, the latest 16. `load` rejects when there is none of that digest or when
 * it was edited.
 */
export function createInventoryStore(dir: string): FileInventoryStore {
  const known = new Map<string, Inventory>();

  return {
    async load(digest) {
      const held = known.get(digest);
      if (held !== undefined) return held;
      const text = await readFile(join(dir, `${digest}.ndjson`), 'utf8');
      const inventory = fromLines(text);
      if (inventory.digest !== digest) throw new Error(`inventory ${digest} was changed on disk`);
      remember(inventory);
      return inventory;
    },
    async save(inventory) {
      remember(inventory);
      await ensureDirectory(dir);
      await removeLeftovers(dir, (name) => NAME.test(name));
      const text = [...linesOf(inventory.rows, inventory.lists)].join('');
      await replaceFile(join(dir, `${inventory.digest}.ndjson`), (handle) => writeAll(handle, Buffer.from(text), 0));
      await prune();
    },
    async keepOnly(digests) {
      for (const digest of [...known.keys()]) if (!digests.includes(digest)) known.delete(digest);
      for (const name of await listNames(dir)) {
        const digest = NAME.exec(name)?.[1];
        if (digest !== undefined && !digests.includes(digest)) await rm(join(dir, name), { force: true });
      }
    },
  };

  /** All partitions share one object; the one before it may still be asked for by a journal. */
  function remember(inventory: Inventory): void {
    known.delete(inventory.digest);
    known.set(inventory.digest, inventory);
    if (known.size > 2) known.delete(known.keys().next().value as string);
  }

  async function prune(): Promise<void> {
    const names = (await listNames(dir)).filter((name) => NAME.test(name));
    const dated = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(dir, name))).mtimeMs })));
    dated.sort((a, b) => b.at - a.at);
    for (const { name } of dated.slice(KEPT)) await rm(join(dir, name), { force: true });
  }
}
