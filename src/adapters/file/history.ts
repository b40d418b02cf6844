import type { Readable } from 'node:stream';
import {
  type Batches,
  createProgressCount,
  type HistoryFile,
  listHistory,
  openBatches,
  peekTime,
} from './history-files';

export { type HistoryFile, InputError } from './history-files';

/** Lines in reading order, at most a few hundred, and how far reading is. */
export interface HistorySlice {
  readonly lines: readonly Buffer[];
  /** Bytes taken from the files (of gzip files: packed bytes). */
  readonly bytesRead: number;
  /** Undefined when an input has no length (standard input, a pipe). */
  readonly bytesTotal: number | undefined;
}

export interface HistoryOptions {
  /**
   * Time of a line, milliseconds; undefined when it has none, which leaves it behind the line before it. Called only
   * where several files have to be merged.
   */
  readonly timeOf: (line: Buffer) => number | undefined;
  /** What the path `-` stands for. */
  readonly stdin?: Readable;
  /** A longer line is handed on cut to one byte more. Default 1,048,576. */
  readonly maxLineBytes?: number;
  /** Most lines of a slice. Default 500. */
  readonly sliceRecords?: number;
}

/** A file in the merge, with its next line ready. */
interface Head {
  readonly index: number;
  readonly batches: Batches;
  lines: readonly Buffer[];
  at: number;
  time: number;
}

interface Later {
  readonly index: number;
  readonly file: HistoryFile;
  readonly time: number;
}

/**
 * The lines of files (plain or gzip), directories (their *.ndjson, *.json, *.log and *.gz files) and `-` (standard
 * input). Several are merged in time order, stably: equal times keep the order of the files, and lines of one file never
 * change places. A file is opened when the merge reaches its first time, so that a year of daily files needs one or two
 * open ones. Lines without a character are passed over. Throws for what cannot be read and for damaged gzip data.
 */
export async function* readHistory(
  paths: readonly string[],
  options: HistoryOptions,
): AsyncGenerator<HistorySlice, void, void> {
  const { sliceRecords = 500 } = options;
  const files = await listHistory(paths);
  const timeOf = files.length > 1 ? options.timeOf : () => undefined;
  const progress = createProgressCount(files);
  const { later, open } = await prepare(files, { ...options, timeOf }, progress.count);
  const active: Head[] = [];
  let out: Buffer[] = [];
  const slice = (): HistorySlice => {
    const lines = out;
    out = [];
    return { lines, bytesRead: progress.read(), bytesTotal: progress.total };
  };
  try {
    for (;;) {
      while (later.length > 0 && (active.length === 0 || later[0]!.time <= first(active).time)) {
        const head = await open(later.shift()!);
        if (head !== undefined) active.push(head);
      }
      if (active.length === 0) break;
      const head = first(active);
      const bound = boundOf(active, head, later[0]);
      while (takeLine(head, bound, out, timeOf)) {
        if (out.length >= sliceRecords) yield slice();
      }
      if (head.at >= head.lines.length && !(await refill(head, timeOf))) active.splice(active.indexOf(head), 1);
    }
    if (out.length > 0) yield slice();
  } finally {
    for (const head of active) await head.batches.return();
  }
}

/** Files in the order of their first times. A single one is not looked into. */
async function prepare(files: readonly HistoryFile[], options: HistoryOptions, count: (bytes: number) => void) {
  const { timeOf, stdin, maxLineBytes = 1_048_576 } = options;
  const alone = files.length === 1;
  const later: Later[] = [];
  for (const [index, file] of files.entries()) {
    later.push({ index, file, time: alone ? Number.NEGATIVE_INFINITY : await peekTime(file, timeOf) });
  }
  later.sort((a, b) => compare(a.time, b.time) || a.index - b.index);
  const chunkBytes = Math.max(65_536, Math.min(1_048_576, Math.floor(67_108_864 / Math.max(1, files.length))));
  const open = async ({ index, file }: Later): Promise<Head | undefined> => {
    const batches = openBatches(file, { chunkBytes, maxLineBytes, stdin, count });
    const head: Head = { index, batches, lines: [], at: 0, time: Number.NEGATIVE_INFINITY };
    return (await refill(head, timeOf)) ? head : undefined;
  };
  return { later, open };
}

/** Infinities compare too (their difference is NaN). */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

const before = (a: { time: number; index: number }, b: { time: number; index: number }): boolean =>
  a.time < b.time || (a.time === b.time && a.index < b.index);

function first(active: readonly Head[]): Head {
  let least = active[0]!;
  for (const head of active) if (before(head, least)) least = head;
  return least;
}

/** Up to where a file may be read before another one has its turn; undefined when there is no other. */
function boundOf(active: readonly Head[], head: Head, later: Later | undefined) {
  let bound: { time: number; index: number } | undefined = later;
  for (const other of active) if (other !== head && (bound === undefined || before(other, bound))) bound = other;
  return bound;
}

/** Moves the next line to `out`; false when there is none or another file has its turn. */
function takeLine(
  head: Head,
  bound: { time: number; index: number } | undefined,
  out: Buffer[],
  timeOf: (line: Buffer) => number | undefined,
): boolean {
  if (head.at >= head.lines.length) return false;
  if (bound !== undefined && !before(head, bound)) return false;
  out.push(head.lines[head.at]!);
  head.at += 1;
  if (bound !== undefined && head.at < head.lines.length) head.time = timeOf(head.lines[head.at]!) ?? head.time;
  return true;
}

async function refill(head: Head, timeOf: (line: Buffer) => number | undefined): Promise<boolean> {
  const { done, value } = await head.batches.next();
  if (done) return false;
  head.lines = value;
  head.at = 0;
  head.time = timeOf(value[0]!) ?? head.time;
  return true;
}
