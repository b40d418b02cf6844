import { isObject } from './decoder';
import { textOf } from './fields';
import { type FieldPath, valueAt } from './path';

type Fields = Readonly<Record<string, unknown>>;

/** Headers of one record that are looked at; a request with more is read as far as this. */
const MAX_HEADERS = 512;

/** Where a format keeps request headers: maps of name to value or values, or fields whose names begin with a prefix. */
export interface HeaderPlaces {
  readonly maps: readonly FieldPath[];
  /** `within`: the object that holds the fields; the empty path is the record. */
  readonly prefix?: { readonly within: FieldPath; readonly text: string } | undefined;
}

/**
 * Request headers by lower-case name. Lines of one name, also in several spellings, become one list, for what a client
 * writes twice must not hide half of it. Linear in the number of headers.
 */
export function headersOf(record: Fields, { maps, prefix }: HeaderPlaces): Fields {
  const headers: Record<string, unknown> = Object.create(null);
  let seen = 0;
  const add = (name: string, value: unknown): void => {
    const lower = name.toLowerCase();
    const before = headers[lower];
    headers[lower] = before === undefined ? value : [before, value].flat();
  };
  for (const path of maps) {
    const map = valueAt(record, path);
    if (!isObject(map)) continue;
    for (const name of Object.keys(map)) {
      seen += 1;
      if (seen > MAX_HEADERS) return headers;
      add(name, map[name]);
    }
  }
  const fields = prefix && valueAt(record, prefix.within);
  if (prefix === undefined || !isObject(fields)) return headers;
  for (const name of Object.keys(fields)) {
    if (!name.startsWith(prefix.text)) continue;
    seen += 1;
    if (seen > MAX_HEADERS) return headers;
    add(name.slice(prefix.text.length), fields[name]);
  }
  return headers;
}

/**
 * A header that is a list, with all its lines as one (RFC 9110 §5.3). Proxies that add a line of their own leave the
 * client's before it, so the first line alone would be what the client claims.
 */
export function listHeader(headers: Fields, name: string): string {
  const lines = headers[name];
  return Array.isArray(lines) ? lines.map(textOf).join(', ') : textOf(lines);
}
