import type { Rejection } from '../domain/rejection';
import { reject } from './decoder';
import { framingFault } from './framing';

/** Requests that one record of the log may hold; what lies beyond is rejected once, as a whole. */
export const MAX_EVENTS = 10_000;
/** Levels of nesting that a record may have. Decoders look at four at most; the limit bounds whoever walks one whole. */
export const MAX_DEPTH = 32;

/** Whether nesting goes deeper than `levels`. Recurses no deeper than that itself. */
function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const name in value) {
    const child = (value as Readonly<Record<string, unknown>>)[name];
    if (typeof child === 'object' && child !== null && isDeeper(child, levels - 1)) return true;
  }
  return false;
}

/** The depth is counted without the array of a batch, which is not part of the record. */
export const tooDeep = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && isDeeper(value, MAX_DEPTH);

/**
 * Text of a record's bytes, or why it has none. UTF-8 with or without byte order mark; broken bytes become U+FFFD, for
 * a request whose client sent a broken byte must not go unseen. Binary framings that look like text to nobody are named.
 */
export function textOfBytes(value: Buffer, maxBytes: number): string | Rejection {
  if (value.length > maxBytes) return reject('too-large', `expected at most ${maxBytes} bytes (ingest.maxRecordBytes)`);
  const fault = framingFault(value);
  if (fault !== undefined) return fault;
  const text = value.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Non-empty lines, without their line ends. */
export function linesOf(text: string): readonly string[] {
  if (!text.includes('\n')) return text.trim() === '' ? [] : [text.endsWith('\r') ? text.slice(0, -1) : text];
  return text
    .split('\n', MAX_EVENTS * 2)
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
    .filter((line) => line.trim() !== '');
}

/** Stands for a line that is not JSON, among the values of its neighbours. */
export const notJson: unique symbol = Symbol('not JSON');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

/** The JSON values of a record's text: one, the elements of an array, or those of each line where there are several. */
export function valuesOf(text: string): readonly unknown[] {
  const whole = parse(text);
  if (whole !== notJson) return Array.isArray(whole) ? whole : [whole];
  const lines = linesOf(text);
  if (lines.length < 2) return [notJson];
  const values = lines.flatMap((line) => parse(line));
  // Where no line is JSON the record is one broken thing, not one a line.
  return values.every((value) => value === notJson) ? [notJson] : values;
}
