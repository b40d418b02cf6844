import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { setImmediate as otherWork } from 'node:timers/promises';
import { hasLimits, limitsOf } from '../../detect/limits/declared';
import { type KeyFacts, keyFacts } from '../../domain/inventory';
import { rowsOfCsv, rowsOfNdjson, rowsOfYaml, type Unread } from './formats';
import { hoursOf } from './hours';

/** A row that is not used, and why. The reason quotes no value. */
export interface BadRow {
  readonly line: number;
  readonly reason: string;
}

export interface ReadRows {
  readonly rows: readonly KeyFacts[];
  readonly bad: readonly BadRow[];
}

/** Routes by the name of a scope. */
export type Scopes = Readonly<Record<string, readonly string[]>>;

export const MAX_INVENTORY_BYTES = 256 * 1024 * 1024;
const MAX_ROWS = 1_000_000;
const MAX_BAD = 1_000;
/** Rows read at one go: some ten milliseconds. */
const AT_ONE_GO = 1_000;

/**
 * Reads a key inventory: YAML or JSON (a list, or a map with the list under `keys`), CSV with a header line, or NDJSON,
 * by the file's extension. Good rows are used though others are bad. Throws when the file as a whole cannot be read:
 * then the inventory before it stays in force.
 */
export async function readRows(path: string, scopes: Scopes): Promise<ReadRows> {
  const text = await readBounded(path, MAX_INVENTORY_BYTES);
  const bad: BadRow[] = [];
  const rows = new Map<string, KeyFacts>();
  let seen = 0;
  for (const unread of rowsIn(path, text)) {
    if (++seen % AT_ONE_GO === 0) await otherWork();
    const row = 'reason' in unread ? unread : readRow(unread, scopes);
    const fault = 'reason' in row ? row.reason : rows.has(row.key) ? 'this key stands in an earlier row' : undefined;
    if (fault !== undefined) {
      if (bad.length < MAX_BAD) bad.push({ line: unread.line, reason: fault });
    } else if (rows.size >= MAX_ROWS) throw new Error(`more than ${MAX_ROWS} keys`);
    else rows.set((row as KeyFacts).key, row as KeyFacts);
  }
  return { rows: [...rows.values()], bad };
}

function rowsIn(path: string, text: string): Iterable<Unread> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return rowsOfCsv(text);
    case '.ndjson':
    case '.jsonl':
      return rowsOfNdjson(text);
    case '.yaml':
    case '.yml':
    case '.json':
      return rowsOfYaml(text);
    default:
      throw new Error('expected a file named .yaml, .json, .csv or .ndjson');
  }
}

function readRow({ value }: { readonly value: unknown }, scopes: Scopes): KeyFacts | { readonly reason: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { reason: 'expected a map' };
  const { hours, ...others } = value as Record<string, unknown>;
  let given: Record<string, unknown> = others;
  try {
    if (hours !== undefined) given = { ...others, hours: hoursOf(hours) };
  } catch (error) {
    return { reason: `hours: ${(error as Error).message}` };
  }
  const parsed = keyFacts.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      reason: [issue.path.join('.'), issue.message]
        .filter((part) => part !== '')
        .join(': ')
        .slice(0, 300),
    };
  }
  const unknown = parsed.data.scopes.find((scope) => !Object.hasOwn(scopes, scope));
  if (unknown !== undefined) return { reason: 'scopes: a scope that inventory.scopes does not list' };
  if (parsed.data.predecessor === parsed.data.key) return { reason: 'predecessor: a key cannot replace itself' };
  const routes = [...parsed.data.routes, ...parsed.data.scopes.flatMap((scope) => scopes[scope])];
  const facts: KeyFacts = { ...parsed.data, routes };
  try {
    if (hasLimits(facts)) limitsOf(facts);
  } catch {
    return { reason: 'cidrs, routes or scopes: an entry is neither an address, a CIDR nor METHOD /route' };
  }
  return facts;
}

/** A plain file whole, without its byte order mark. Throws when it is none, is too large, or changes meanwhile. */
export async function readBounded(path: string, maxBytes: number): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const info = await handle.stat();
    const { size, mtimeMs } = info;
    // A device or a pipe may never end.
    if (!info.isFile()) throw new Error('not a plain file');
    if (size > maxBytes) throw new Error(`larger than ${maxBytes} bytes`);
    const text = await handle.readFile('utf8');
    const after = await handle.stat();
    if (after.size !== size || after.mtimeMs !== mtimeMs) throw new Error('it changed while it was read');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  } finally {
    await handle.close();
  }
}
