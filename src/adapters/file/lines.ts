/** One line without its line break. */
export interface Line {
  readonly line: Buffer;
  /** Byte of the input after this line's line feed. */
  readonly end: number;
}

export interface LineSplitter {
  /** The lines that this chunk completes. The chunk must not be changed afterwards: lines are views of it. */
  push(chunk: Buffer): Line[];
  /** What stands behind the last line feed, as a line of its own; undefined when nothing does. */
  rest(): Line | undefined;
  /** Byte of the input after the last completed line. */
  completed(): number;
}

export interface LineOptions {
  /** A longer line is handed on cut to `maxBytes + 1` bytes: recognisably too long, in bounded memory. */
  readonly maxBytes: number;
  /** Byte of the input at which the first chunk begins. */
  readonly from?: number;
  /** `skip` (default): lines without a character are not handed on. */
  readonly blank?: 'skip' | 'keep';
  /** False (default): a carriage return before the line feed belongs to the line break. */
  readonly keepReturn?: boolean;
}

const LF = 0x0a;
const CR = 0x0d;

/** Splits chunks of bytes at line feeds. Holds at most `maxBytes + 1` bytes of an unfinished line. */
export function createLineSplitter(options: LineOptions): LineSplitter {
  const { maxBytes, from = 0, blank = 'skip', keepReturn = false } = options;
  const limit = maxBytes + 1;
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** Length of the unfinished line, with what was not held of it. */
  let lineBytes = 0;
  let position = from;
  let completed = from;

  function hold(piece: Buffer): void {
    lineBytes += piece.length;
    const room = limit - heldBytes;
    if (room <= 0 || piece.length === 0) return;
    // A copy, so that one short unfinished line does not keep a whole chunk alive.
    held.push(Buffer.from(piece.subarray(0, room)));
    heldBytes += Math.min(room, piece.length);
  }

  function finished(piece: Buffer): Buffer {
    let line = piece;
    let length = piece.length;
    if (lineBytes > 0) {
      hold(piece);
      line = Buffer.concat(held);
      length = lineBytes;
      held = [];
      heldBytes = 0;
      lineBytes = 0;
    }
    if (length > limit) return line.subarray(0, limit);
    const ends = !keepReturn && length > 0 && line[length - 1] === CR;
    return ends ? line.subarray(0, length - 1) : line;
  }

  return {
    push(chunk) {
      const lines: Line[] = [];
      let start = 0;
      for (let feed = chunk.indexOf(LF); feed >= 0; feed = chunk.indexOf(LF, start)) {
        const line = finished(chunk.subarray(start, feed));
        start = feed + 1;
        completed = position + start;
        if (line.length > 0 || blank === 'keep') lines.push({ line, end: completed });
      }
      if (start < chunk.length) hold(chunk.subarray(start));
      position += chunk.length;
      return lines;
    },
    rest() {
      if (heldBytes === 0) return undefined;
      const line = finished(Buffer.alloc(0));
      completed = position;
      return line.length > 0 ? { line, end: completed } : undefined;
    },
    completed: () => completed,
  };
}
