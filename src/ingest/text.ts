/** Cleaning of texts that a client may have chosen. All functions are linear in the length and never throw. */

const plain = /^[\x20-\x7e]*$/;
/**
 * Lone surrogates, control characters (NUL among them), line separators, and the controls that reorder text on screen:
 * none belongs in an alert that a person reads or a line that a program splits.
 */
const unsafe = /[\p{Cs}\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text with every unsafe character replaced by U+FFFD. */
export const cleanText = (text: string): string => (plain.test(text) ? text : text.replace(unsafe, '\ufffd'));

/** True when cleaning would change the text, or a decoder has already replaced broken bytes in it. */
export const isUnsafe = (text: string): boolean => !plain.test(text) && /\ufffd/.test(cleanText(text));

/** Whether a text has more than `max` Unicode code points, the measure of JSON Schema's `maxLength`. */
export function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  if (text.length > 2 * max) return true;
  let points = 0;
  for (const _ of text) points += 1;
  return points > max;
}

/**
 * The same text in memory of its own. A slice keeps the text it was cut from alive, so what is kept for longer than one
 * record must not be a slice: a remembered path would hold the megabyte of query that came with it.
 */
export function own(text: string): string {
  const encoding = plain.test(text) ? 'latin1' : 'utf16le';
  return Buffer.from(text, encoding).toString(encoding);
}

/** At most `max` UTF-16 units, never ending within a surrogate pair. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return own(text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max));
}

/** Decodes the escapes of unreserved ASCII characters (RFC 3986 §6.2.2.2), so that one path has one spelling. */
export const decodeUnreserved = (text: string): string =>
  text.includes('%')
    ? text.replace(/%([2-7][0-9A-Fa-f])/g, (whole, hex: string) => {
        const char = String.fromCharCode(Number.parseInt(hex, 16));
        return /[A-Za-z0-9\-._~]/.test(char) ? char : whole;
      })
    : text;

/** Full percent-decoding; the text itself where it is not validly encoded. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
