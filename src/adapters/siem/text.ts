import { cleanText, cut } from '../../ingest/text';

/** The text without control, reordering and broken characters (each becomes U+FFFD), of at most `max` UTF-16 units. */
export function plain(text: string, max: number): string {
  return text.length <= max ? cleanText(text) : `${cleanText(cut(text, max - 1))}…`;
}

/** A flat record with every text in it made plain; other values are as they were. */
export function plainTexts(record: object, max: number): object {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, typeof value === 'string' ? plain(value, max) : value]),
  );
}

/** At most `max` bytes of UTF-8, never ending within a character. */
export function cutBytes(text: string, max: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= max) return text;
  let end = Math.max(0, max);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** Percent-encodes all but the unreserved characters of RFC 3986; what is no whole character is encoded as U+FFFD. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(cleanText(text));
}
