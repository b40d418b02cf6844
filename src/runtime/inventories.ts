import type { Engine } from '../engine';
import type { RuntimeParts } from './parts';

/** Gives a restored engine the rows that its state names. Where they are lost the present inventory is taken anew. */
export async function restoreInventory(
  { inventories, warn }: Pick<RuntimeParts, 'inventories' | 'warn'>,
  id: number,
  engine: Engine,
): Promise<string> {
  const digest = engine.inventoryDigest;
  if (digest === '') return '';
  try {
    engine.use(await inventories.load(digest));
    return digest;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn('the inventory of the checkpoint is lost; limits hold again from the present one on', { id, reason });
    return '';
  }
}
