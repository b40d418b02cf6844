import { CsvError, parse } from 'csv-parse/sync';
import { parseConfigText } from '../config-text';

/** A row as it stands in the file, or why it cannot be read. */
export type Unread =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly reason: string };

/** Above this the reading of YAML takes seconds, in which nothing else runs. */
const MAX_YAML_BYTES = 4 * 1024 * 1024;

export function rowsOfYaml(text: string): readonly Unread[] {
  if (text.length > MAX_YAML_BYTES) throw new Error('too large for YAML or JSON: use NDJSON or CSV');
  const parsed = parseConfigText(text);
  if (!parsed.ok) {
    const [{ line, expected }] = parsed.faults;
    throw new Error(`line ${line ?? 1}: ${expected}`);
  }
  const { document, lineOf } = parsed;
  const inMap = typeof document === 'object' && document !== null && !Array.isArray(document) && 'keys' in document;
  const list = inMap ? (document as { keys: unknown }).keys : (document ?? []);
  if (!Array.isArray(list)) throw new Error('expected a list of keys, or a map with the list under `keys`');
  return list.map((value, i) => ({ line: lineOf(inMap ? ['keys', i] : [i]) ?? 1, value }));
}

export function* rowsOfNdjson(text: string): Iterable<Unread> {
  let line = 0;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const until = end < 0 ? text.length : end;
    const row = text.slice(from, until).trim();
    from = until + 1;
    line++;
    if (row === '') continue;
    try {
      yield { line, value: JSON.parse(row) };
    } catch {
      yield { line, reason: 'not valid JSON' };
    }
  }
}

const lists: ReadonlySet<string> = new Set(['scopes', 'routes', 'cidrs', 'countries']);

interface Numbered {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/** RFC 4180 with a header line. Several values of one cell are separated by semicolons; an empty cell declares nothing. */
export function rowsOfCsv(text: string): readonly Unread[] {
  let records: readonly Numbered[];
  try {
    // With `info` a record comes with its place, which the package's types do not know of.
    records = parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 65_536,
    }) as unknown as readonly Numbered[];
  } catch (error) {
    throw new Error(error instanceof CsvError ? `not valid CSV (${error.code.toLowerCase()})` : 'not valid CSV');
  }
  const [head, ...rows] = records;
  const names = head?.record.map((name) => name.trim()) ?? [];
  if (!names.includes('key')) throw new Error('expected a header line with a column `key`');
  return rows.map(({ record, info: { lines: line } }) => {
    if (record.length !== names.length)
      return { line, reason: `expected ${names.length} cells, found ${record.length}` };
    const cells = names.map((name, i): [string, unknown] => [name, cellOf(name, record[i].trim())]);
    return { line, value: Object.fromEntries(cells.filter(([, value]) => value !== undefined)) };
  });
}

function cellOf(name: string, cell: string): unknown {
  if (cell === '') return undefined;
  if (!lists.has(name)) return cell;
  return cell
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
