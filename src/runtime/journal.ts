import type { Command } from '../domain/command';
import { type Inventory, noInventory } from '../domain/inventory';
import type { LogEntry } from '../engine';

/**
 * What has an effect besides records, at its place in a partition's log: a replay after a crash sees the same. Entries of
 * one place, taken once more in their order, change nothing.
 */
export type JournalEntry = {
  readonly partition: number;
  /** Offset of the first record that comes after it. */
  readonly next: number;
} & ({ readonly kind: 'tick'; readonly ts: number } | { readonly kind: 'command'; readonly command: Command });

/** The entries since the last checkpoint. `append` resolves when on disk; `prune` may forget what lies below `next`. */
export interface Journal {
  load(partition: number): Promise<readonly JournalEntry[]>;
  append(entry: JournalEntry): Promise<void>;
  prune(partition: number, next: number): Promise<void>;
}

/** An entry as the engine takes it. `inventoryOf` answers the rows of a digest; the digest '' has none. */
export async function logEntryOf(
  entry: JournalEntry,
  inventoryOf: (digest: string) => Promise<Inventory>,
): Promise<LogEntry> {
  if (entry.kind === 'tick') return { kind: 'tick', ts: entry.ts };
  const { command } = entry;
  if (command.type === 'inventory') {
    const { digest } = command;
    return { kind: 'inventory', inventory: digest === '' ? noInventory : await inventoryOf(digest) };
  }
  return { kind: 'command', command };
}
