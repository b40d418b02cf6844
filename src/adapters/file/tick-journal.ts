import { join } from 'node:path';
import type { TickEntry, TickJournal } from '../../runtime';
import { createTurns } from '../turns';
import { type AppendLog, encodeLines, openAppendLog } from './append-log';
import { removeLeftovers, replaceFile, writeAll } from './durable';

/** Pruning rewrites the file, so it waits until this many entries have become useless. */
const PRUNE_AT = 1_000;

const NAME = 'ticks.log';

/** The tick journal of all partitions as one append-only file (format: append-log.ts). */
export async function openTickJournal(dir: string): Promise<TickJournal & { close(): Promise<void> }> {
  const path = join(dir, NAME);
  await removeLeftovers(dir, (name) => name === NAME);
  const inTurn = createTurns();
  let entries: TickEntry[] = [];
  let log: AppendLog = await openAppendLog(path, (text) => entries.push(JSON.parse(text) as TickEntry));
  const floor = new Map<number, number>();
  const needed = (entry: TickEntry) => entry.next >= (floor.get(entry.partition) ?? 0);

  async function rewrite(kept: TickEntry[]): Promise<void> {
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
        if (entries.length - kept.length >= PRUNE_AT) await rewrite(kept);
      }),
    close: () => inTurn(() => log.close()),
  };
}
