import type { Clock, Place, Source, SourceHandler } from '../../ports';
import { systemClock } from '../clock';
import { createInputs, type FileCursor } from './inputs';
import { createLineSplitter, type Line } from './lines';
import { createPositionStore } from './position';
import { createReading, type Gap, type Opened, type Reading } from './reading';

export type { Gap } from './reading';

export interface FileSourceOptions {
  /** A file, or a directory: its *.ndjson, *.json, *.log and *.gz files one after the other, sorted by name. */
  readonly path: string;
  /**
   * Go on as the input grows. In a directory the file that is last by name is followed, and is finished when a file with
   * a later name appears.
   */
  readonly follow: boolean;
  /** Where a first start begins; `latest` is the end of the last file. */
  readonly start: 'earliest' | 'latest';
  /** The committed place is kept here, in `position.json`; a directory for this source alone. */
  readonly stateDir: string;
  /** Told when lines may have been missed: a file that vanished before it was read to its end, damaged gzip data. */
  readonly onGap: (gap: Gap) => void;
  readonly clock?: Clock;
  /** How often a file at its end is looked at, milliseconds. Default 250. */
  readonly pollMs?: number;
  /** How long a rotated file must be quiet before it is left for its successor, milliseconds. Default 1,000. */
  readonly rotationGraceMs?: number;
  /** A longer line is handed on cut to one byte more. Default 1,048,576. */
  readonly maxLineBytes?: number;
  /** Most records of a slice. Default 500. */
  readonly sliceRecords?: number;
  /** Least time between two writes of the committed place, milliseconds. Default 1,000. */
  readonly commitEveryMs?: number;
}

/**
 * Lines of files as partition 0. `offset` is the running number of the line (lines without a character are passed over
 * and not numbered), across rotations and restarts. A last line without a line feed waits for it, or is handed on
 * when its file is left.
 *
 * Rotation by rename and by copytruncate is followed, and after a restart the file that the place stands in is found
 * again by inode and first bytes: renamed, copied or compressed, in the same directory. Where that fails `onGap` is
 * told, and reading goes on at the beginning of the live file. Without a wanted place it goes on at the committed
 * one, else at `start`. Without `follow`, `run` rejects when nothing is there and resolves at the end of the input.
 */
export function createFileSource(options: FileSourceOptions): Source {
  const { path, follow, stateDir, clock = systemClock, pollMs = 250, commitEveryMs = 1_000 } = options;
  const { rotationGraceMs = 1_000, maxLineBytes = 1_048_576, sliceRecords = 500 } = options;
  const positions = createPositionStore(stateDir, clock, commitEveryMs);
  const stopping = new AbortController();
  const { signal } = stopping;
  let running: Promise<void> | undefined;
  let problem: string | undefined;

  async function run(handler: SourceHandler): Promise<void> {
    const committed = await positions.load();
    const place = (await handler.assigned(0, committed)) ?? committed;
    const inputs = await createInputs(path);
    const setProblem = (text: string | undefined) => {
      problem = text;
    };
    const reading = createReading({ ...options, inputs, clock, pollMs, signal, setProblem });
    try {
      await readAll(handler, reading, place);
    } catch (error) {
      // What was committed before the fault stays committed; the fault is what the caller must hear of.
      await positions.flush(true).catch(() => {});
      throw error;
    }
    await positions.flush(true);
    await handler.revoked(0);
  }

  async function readAll(handler: SourceHandler, reading: Reading, place: Place | undefined): Promise<void> {
    let opened = await reading.begin(place?.cursor ?? '');
    let next = place?.next ?? 0;
    if (opened !== undefined && place === undefined) {
      // A crash before the first slice must not begin at a later end.
      await positions.commit({ next, cursor: cursorOf(opened, opened.byte) });
    }
    while (opened !== undefined) {
      const current: Opened = opened;
      let handedTo = current.byte;
      try {
        opened = await readOne(reading, current, async (lines) => {
          next = await handOn(handler, current, lines, next, handedTo);
          handedTo = lines[lines.length - 1]?.end ?? handedTo;
        });
      } finally {
        await current.input.close();
      }
    }
  }

  /** Reads a file to its end; answers what comes after it, or undefined when reading is over. */
  async function readOne(reading: Reading, opened: Opened, hand: (lines: readonly Line[]) => Promise<void>) {
    const splitter = createLineSplitter({ maxBytes: maxLineBytes, from: opened.byte });
    let quietMs = 0;
    while (!signal.aborted) {
      const chunk = await reading.read(opened);
      // After the read: bytes of a file that was emptied and filled again meanwhile must not count as the old one's.
      if (!(await opened.input.intact())) return reading.afterTruncation(fileCursor(opened, splitter.completed()));
      if (chunk !== undefined) {
        quietMs = 0;
        await hand(splitter.push(chunk));
        continue;
      }
      const left = await reading.hasSuccessor(opened);
      if (!follow || (left && (opened.input.gzip || quietMs >= rotationGraceMs))) {
        const rest = splitter.rest();
        if (rest !== undefined) await hand([rest]);
        return signal.aborted ? undefined : reading.successorOf(opened);
      }
      await positions.flush(false);
      await clock.sleep(pollMs, signal);
      quietMs = left ? quietMs + pollMs : 0;
    }
    return undefined;
  }

  /** Hands lines on in slices and commits each; answers the next offset. Ends early when stopped. */
  async function handOn(
    handler: SourceHandler,
    opened: Opened,
    lines: readonly Line[],
    from: number,
    handedTo: number,
  ) {
    let next = from;
    const behind = await waitingBehind(opened, lines);
    for (let i = 0; i < lines.length && !signal.aborted; i += sliceRecords) {
      const part = lines.slice(i, i + sliceRecords);
      const records = part.map(({ line }, k) => ({ offset: from + i + k, value: line, timestamp: undefined }));
      const start = cursorOf(opened, i === 0 ? handedTo : lines[i - 1]!.end);
      const cursor = cursorOf(opened, part[part.length - 1]!.end);
      const lag = behind === undefined ? undefined : behind + lines.length - i - part.length;
      await handler.slice({ partition: 0, records, cursor, start, lag });
      next += part.length;
      await positions.commit({ next, cursor });
    }
    return next;
  }

  return {
    name: `file:${path}`,
    run(handler) {
      running ??= run(handler);
      return running;
    },
    async stop() {
      stopping.abort();
      await running?.catch(() => {});
    },
    problem: () => problem,
  };
}

const fileCursor = (opened: Opened, byte: number): FileCursor => ({
  file: opened.file,
  inode: opened.input.inode,
  byte,
  head: opened.input.fingerprint(byte),
});

const cursorOf = (opened: Opened, byte: number): string => JSON.stringify(fileCursor(opened, byte));

/** Lines that wait in the file behind these, estimated from their mean length; undefined for gzip. */
async function waitingBehind(opened: Opened, lines: readonly Line[]): Promise<number | undefined> {
  if (lines.length === 0) return undefined;
  const size = await opened.input.size();
  if (size === undefined) return undefined;
  const mean = lines.reduce((sum, { line }) => sum + line.length + 1, 0) / lines.length;
  return Math.floor(Math.max(0, size - lines[lines.length - 1]!.end) / mean);
}
