import type { Engine } from '../engine';
import type { JournalEntry } from './journal';
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

/** Whether an entry of the journal can be taken: one whose inventory is lost must not keep the partition from its log. */
export async function canEnter(
  { inventories, warn }: Pick<RuntimeParts, 'inventories' | 'warn'>,
  id: number,
  entry: JournalEntry,
): Promise<boolean> {
  const digest = entry.kind === 'command' && entry.command.type === 'inventory' ? entry.command.digest : '';
  if (digest === '') return true;
  try {
    await inventories.load(digest);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn('an inventory of the journal is lost; it is passed over, and the present one comes', { id, reason });
    return false;
  }
}
