import { basename, dirname } from 'node:path';
import type { Outcome } from '../../domain/action';
import type { Ledger } from '../../ports';
import { KEEP_MS, MOST_ENDED, noLongerNeeded } from '../ledger-bounds';
import { type AppendLog, encodeLines, openAppendLog } from './append-log';
import { ensureDirectory, removeLeftovers, replaceFile, writeAll } from './durable';

export interface FileLedgerOptions {
  /** Wall clock, milliseconds. */
  readonly now?: () => number;
  /** Requests that ended longer ago than this are dropped. Default 30 days, milliseconds. */
  readonly keepMs?: number;
  /** At most this many ended requests are kept, the newest. Default 100,000. Live ones are always kept. */
  readonly maxEnded?: number;
  /** The file is compacted when it has doubled since the last time and is larger than this. Default 16 MB. */
  readonly compactAtBytes?: number;
}

/**
 * The ledger as one append-only file (format: append-log.ts). `append` resolves after fsync; a torn tail is cut off at
 * opening; damage in the middle makes `load` reject. Ended requests leave the file by compaction, at `load` and when
 * the file has grown; compaction replaces the file whole, so that a crash in it loses nothing.
 */
export function createFileLedger(path: string, options: FileLedgerOptions = {}): Ledger {
  const { now = Date.now, keepMs = KEEP_MS, maxEnded = MOST_ENDED, compactAtBytes = 16 * 1024 * 1024 } = options;
  let log: AppendLog | undefined;
  let compactedBytes = 0;
  let last: Promise<unknown> = Promise.resolve();

  /** Calls run one after the other: a compaction must not meet an append. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  async function reopen(
    change: (outcomes: readonly Outcome[]) => readonly Outcome[] = (outcomes) => outcomes,
  ): Promise<readonly Outcome[]> {
    await log?.close();
    log = undefined;
    await ensureDirectory(dirname(path));
    await removeLeftovers(dirname(path), (name) => name === basename(path));
    const texts: string[] = [];
    log = await openAppendLog(path, (text) => texts.push(text));
    const outcomes = texts.map((text) => JSON.parse(text) as Outcome);
    const kept = change(stillOfUse(outcomes, now() - keepMs, maxEnded));
    if (kept.length < outcomes.length || kept.some((outcome, i) => outcome !== outcomes[i])) {
      await log.close();
      log = undefined;
      const data = encodeLines(kept.map((outcome) => JSON.stringify(outcome)));
      await replaceFile(path, (handle) => writeAll(handle, data, 0));
      log = await openAppendLog(path);
    }
    compactedBytes = log.size();
    return kept;
  }

  return {
    load: () => inTurn(() => reopen()),
    rewrite: (change) => inTurn(() => reopen(change)),
    append: (outcomes) =>
      inTurn(async () => {
        if (log === undefined) await reopen();
        await log!.append(outcomes.map((outcome) => JSON.stringify(outcome)));
        if (log!.size() > Math.max(compactAtBytes, 2 * compactedBytes)) await reopen();
      }),
    close: () =>
      inTurn(async () => {
        await log?.close();
        log = undefined;
      }),
  };
}

/** The outcomes without those of requests that ended before `before`, or that are ended and beyond the newest `most`. */
function stillOfUse(outcomes: readonly Outcome[], before: number, most: number): readonly Outcome[] {
  const newest = new Map<string, Outcome>();
  for (const outcome of outcomes) newest.set(outcome.requestId, outcome);
  const dropped = noLongerNeeded(newest, before, most);
  return dropped.size === 0 ? outcomes : outcomes.filter((outcome) => !dropped.has(outcome.requestId));
}
