/**
 * Text for terminals. What comes out of a log may try to speak to the terminal instead of the reader (escape sequences,
 * direction overrides, invisible characters): `safeText` is the one gate that such text passes. The other functions
 * expect text that is ours or has passed it.
 */

const ESC = '\u001b';
const SGR = /\u001b\[[0-9;]*m/g;

/** Format, control, surrogate, private and unassigned characters and line separators; not the plain space. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/u;
const MARK = /\p{M}/u;

/** Columns that one character takes: 0 for combining marks, 2 for East Asian wide characters and emoji, else 1. */
function columns(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (MARK.test(character)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** A character that must not reach a terminal, spelled out so that the reader sees that it was there. */
function spelled(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/**
 * A foreign text made harmless and at most `max` columns wide (an ellipsis marks the cut). Controls, escape sequences,
 * direction overrides, invisible characters and lone surrogates are spelled out (`\x1b`); of a stack of combining
 * marks the first two stay. Never throws; work is bounded by `max`, not by the text.
 */
export function safeText(text: string, max: number): string {
  if (max < 1) return '';
  const pieces: string[] = [];
  let width = 0;
  let marks = 0;
  // Two UTF-16 units a column and two marks each are the most that can be shown.
  for (const character of text.slice(0, max * 8 + 8)) {
    const piece = UNSAFE.test(character) ? spelled(character) : character;
    const step = piece === character ? columns(character) : piece.length;
    marks = step === 0 ? marks + 1 : 0;
    if (marks > 2 || (step === 0 && pieces.length === 0)) continue;
    pieces.push(piece);
    width += step;
    if (width > max) return cutTo(pieces, max);
  }
  return text.length > max * 8 + 8 ? cutTo([...pieces, ' '.repeat(max)], max) : pieces.join('');
}

/** Whole pieces that leave room for the ellipsis: an escape is shown whole or not at all. */
function cutTo(pieces: readonly string[], max: number): string {
  let out = '';
  let width = 0;
  for (const piece of pieces) {
    const step = visibleWidth(piece);
    if (width + step > max - 1) break;
    out += piece;
    width += step;
  }
  return `${out}…`;
}

/** Columns that a text takes; our own colour sequences count nothing. */
export function visibleWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(SGR, '')) width += columns(character);
  return width;
}

/** Cuts a text that may hold our colour sequences to `width` columns and closes what was left open. */
export function clip(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  if (width < 1) return '';
  let out = '';
  let used = 0;
  let coloured = false;
  for (const part of text.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith(ESC)) {
      out += part;
      coloured = true;
      continue;
    }
    for (const character of part) {
      const step = columns(character);
      if (used + step > width - 1) return `${out}…${coloured ? `${ESC}[0m` : ''}`;
      out += character;
      used += step;
    }
  }
  return out;
}

/** Breaks a text without colour sequences at spaces into lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const candidate = line === '' ? word : `${line} ${word}`;
    if (visibleWidth(candidate) <= width || line === '') line = candidate;
    else {
      lines.push(clip(line, width));
      line = word;
    }
  }
  lines.push(clip(line, width));
  return lines;
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Style = keyof typeof codes;
/** Paints a text, or leaves it as it is where colour is off. */
export type Paint = Readonly<Record<Style, (text: string) => string>>;

export function paint(colour: boolean): Paint {
  const styles = Object.entries(codes).map(([name, code]) => [
    name,
    (text: string) => (colour && text !== '' ? `${ESC}[${code}m${text}${ESC}[0m` : text),
  ]);
  return Object.fromEntries(styles) as Paint;
}

/** Colour is for terminals only, and not where the environment declines it (no-color.org: any non-empty value). */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: Readonly<Record<string, string | undefined>>) {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

export interface TableOptions {
  /** Widest line, columns; the widest column gives way first. Default: no limit. */
  readonly width?: number;
  /** Columns (from 0) that are numbers and stand to the right. */
  readonly right?: readonly number[];
  readonly gap?: number;
  readonly indent?: string;
}

/** Lines of aligned columns. Cells are safe texts and may be painted; rows may have fewer cells than others. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string[] {
  const { gap = 2, indent = '', right = [] } = options;
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: count }, (_, i) =>
    rows.reduce((most, row) => Math.max(most, visibleWidth(row[i] ?? '')), 0),
  );
  if (options.width !== undefined) shrink(widths, options.width - indent.length - gap * (count - 1));
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const text = clip(cell, widths[i]!);
      const space = ' '.repeat(Math.max(0, widths[i]! - visibleWidth(text)));
      return right.includes(i) ? space + text : text + space;
    });
    return (indent + cells.join(' '.repeat(gap))).trimEnd();
  });
}

/** Narrows the widest columns, evenly, until all fit; none below four columns. */
function shrink(widths: number[], room: number): void {
  let total = widths.reduce((sum, w) => sum + w, 0);
  while (total > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= 4) return;
    widths[widest]! -= 1;
    total -= 1;
  }
}

/** A bar of `width` columns, filled by a share from 0 to 1 (values outside are clipped, NaN is empty). */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share || 0)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** 1,234,567: the same in every locale. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A duration in two units at most: `45 s`, `3 m 20 s`, `5 h 10 m`, `12 d 4 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return '0 s';
  const [name, size] = units[first]!;
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[1]);
  return `${Math.floor(seconds / size)} ${name}${rest > 0 ? ` ${rest} ${next![0]}` : ''}`;
}

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /** `done` of `total` in the caller's unit (bytes); `events` so far. Draws at most ten times a second. */
  update(done: number, events: number): void;
  /** Removes the line, so that what follows stands on a clean one. */
  finish(): void;
}

/**
 * One line with bar, events/s and remaining time, redrawn in place. Silent where the stream is not a terminal.
 * `total` undefined (standard input): no bar, no remaining time.
 */
export function progress(options: {
  readonly stream: ProgressStream;
  readonly total?: number | undefined;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}): Progress {
  const { stream, total, now = () => performance.now() } = options;
  if (stream.isTTY !== true) return { update: () => {}, finish: () => {} };
  const began = now();
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    update(done, events) {
      const at = now();
      if (at - drawn < 100) return;
      drawn = at;
      const line = progressLine(done, total, events, at - began);
      stream.write(`\r${ESC}[2K${clip(line, (stream.columns ?? 80) - 1)}`);
    },
    finish() {
      if (drawn > Number.NEGATIVE_INFINITY) stream.write(`\r${ESC}[2K`);
    },
  };
}

function progressLine(done: number, total: number | undefined, events: number, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (events / elapsedMs) * 1_000 : 0;
  const talk = `${grouped(events)} events  ${grouped(rate)}/s`;
  if (total === undefined || total <= 0) return talk;
  const share = Math.min(1, done / total);
  const left = share > 0 ? durationText((elapsedMs / share) * (1 - share)) : 'unknown time';
  return `${bar(share, 20)} ${String(Math.floor(share * 100)).padStart(3)} %  ${talk}  ${left} left`;
}
