import { type ReadInventory, readInventory } from '../adapters/inventory/read';
import type { Config } from '../config';
import type { LogEntry } from '../engine';
import { OperatorError } from '../options';

const SHOWN = 5;

/**
 * The configured inventory as the first entry of a log from the past; none where none is configured. `tell` hears of rows
 * that are not used. Throws OperatorError when the file cannot be read.
 */
export async function declaredFirst(
  { inventory }: Pick<Config, 'inventory'>,
  tell: (line: string) => void,
): Promise<readonly LogEntry[]> {
  if (inventory === undefined) return [];
  let read: ReadInventory;
  try {
    read = await readInventory(inventory.path, inventory.scopes);
  } catch (error) {
    throw new OperatorError(`inventory ${inventory.path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const { line, reason } of read.bad.slice(0, SHOWN)) tell(`inventory line ${line}: ${reason}; not used`);
  if (read.bad.length > SHOWN) tell(`inventory: ${read.bad.length - SHOWN} more rows are not used`);
  return [{ kind: 'inventory', inventory: read.inventory }];
}
