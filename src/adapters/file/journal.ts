import { join } from 'node:path';
import type { Journal, JournalEntry } from '../../runtime';
import { createTurns } from '../turns';
import { type AppendLog, encodeLines, openAppendLog } from './append-log';
import { removeLeftovers, replaceFile, writeAll } from './durable';

/** Pruning rewrites the file, so it waits until this many entries have become useless. */
const PRUNE_AT = 1_000;

const NAME = 'journal.log';

/** The journal of all partitions as one append-only file (format: append-log.ts). */
export async function openJournal(dir: string): Promise<Journal & { close(): Promise<void> }> {
  const path = join(dir, NAME);
  await removeLeftovers(dir, (name) => name === NAME);
  const inTurn = createTurns();
  let entries: JournalEntry[] = [];
  let log: AppendLog = await openAppendLog(path, (text) => entries.push(JSON.parse(text) as JournalEntry));
  const floor = new Map<number, number>();
  const needed = (entry: JournalEntry) => entry.next >= (floor.get(entry.partition) ?? 0);

  async function rewrite(kept: JournalEntry[]): Promise<void> {
    await log.close();
    await replaceFile(path, (handle) => writeAll(handle, encodeLines(kept.map((entry) => JSON.stringify(entry))), 0));
    log = await openAppendLog(path);
    entries = kept;
  }

  return {
    load: async (partition) => entries.filter((entry) => entry.partition === partition),
    append: (entry) =>
      inTurn(async () => {
        await log.append([JSON.stringify(entry)]);
        entries.push(entry);
      }),
    prune: (partition, next) =>
      inTurn(async () => {
        floor.set(partition, next);
        const kept = entries.filter(needed);
        // What names a key that is to be forgotten is not left behind for long.
        const forgets = entries.some(
          (entry) => entry.kind === 'command' && entry.command.type === 'forget' && !needed(entry),
        );
        if (entries.length - kept.length >= (forgets ? 1 : PRUNE_AT)) await rewrite(kept);
      }),
    close: () => inTurn(() => log.close()),
  };
}
