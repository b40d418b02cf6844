import { isAlias, isNode, isScalar, LineCounter, type ParsedNode, parseDocument, visit } from 'yaml';
import type { Fault } from './config-faults';
import type { Path } from './config-shape';

/** A document read from text, with the line of each value; or why it could not be read. */
export type Parsed =
  | { readonly ok: true; readonly document: unknown; readonly lineOf: (path: Path) => number | undefined }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export const MAX_CONFIG_BYTES = 1_048_576;
const MAX_ALIASES = 100;
const MAX_DEPTH = 32;
/** The parser compares each name of a map with all before it: this is a map of some 14,000, and about a second. */
const MAX_COMPARISONS = 100_000_000;

/** Messages of our own: the parser's may quote the file, and a file may hold a secret where none belongs. */
const syntaxWords: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this name is given twice in one map',
  MULTIPLE_DOCS: 'expected one YAML document, found several',
  TAG_RESOLVE_FAILED: 'YAML tags (!…) are not allowed',
  TAB_AS_INDENT: 'indent with spaces, not tabs',
  BAD_INDENT: 'the indentation is wrong',
  MISSING_CHAR: 'a closing quote, bracket or colon is missing',
  // What the parser makes of an error that is thrown while it composes a value.
  RESOURCE_EXHAUSTION: 'a map has too many names, or values are nested too deep',
  BAD_ALIAS: 'an alias (*name) stands where none may',
};

/** Reads YAML 1.2, of which JSON is a part. Tags, repeated names, `__proto__` and heaps of aliases are refused. */
export const parseConfigText = (text: string): Parsed => {
  const lines = new LineCounter();
  const fault = (expected: string, line?: number): Parsed => ({
    ok: false,
    faults: [{ path: '', value: '', expected, line }],
  });
  if (tooDeep(text)) return fault(`nested more than ${MAX_DEPTH} deep`);
  let comparisons = 0;
  const sameName = (a: ParsedNode, b: ParsedNode): boolean => {
    if (++comparisons > MAX_COMPARISONS) throw new RangeError('too many names');
    return a === b || (isScalar(a) && isScalar(b) && a.value === b.value);
  };
  const doc = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    resolveKnownTags: false,
    uniqueKeys: sameName,
    merge: false,
    // At `silent` the parser would let a second document pass.
    logLevel: 'error',
  });
  const problems = [...doc.errors, ...doc.warnings];
  if (problems.length > 0) {
    return {
      ok: false,
      faults: problems.slice(0, 20).map((problem) => ({
        path: '',
        value: '',
        expected: syntaxWords[problem.code] ?? `not valid YAML (${problem.code.toLowerCase().replace(/_/g, ' ')})`,
        line: lines.linePos(problem.pos[0]).line,
      })),
    };
  }
  let aliases = 0;
  let dangerous: number | undefined;
  visit(doc, {
    Alias: () => {
      aliases++;
    },
    Pair: (_, pair) => {
      const key = isNode(pair.key) ? pair.key : undefined;
      // An alias as a name would hide what the name is.
      if (isAlias(key) || String(key) === '__proto__') dangerous ??= key?.range?.[0] ?? 0;
    },
  });
  if (dangerous !== undefined) return fault('this name is not allowed', lines.linePos(dangerous).line);
  if (aliases > MAX_ALIASES) return fault(`more than ${MAX_ALIASES} aliases (*name)`);
  let document: unknown;
  try {
    document = doc.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    // Thrown for an alias without anchor, and for aliases that multiply.
    if (error instanceof ReferenceError) return fault('an alias (*name) has no anchor (&name), or aliases multiply');
    throw error;
  }
  const lineOf = (path: Path): number | undefined => {
    for (let length = path.length; length > 0; length--) {
      const node = doc.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  return { ok: true, document, lineOf };
};

/** Guards the parser's own recursion. Brackets in quoted texts count too, which no sound configuration comes near. */
const tooDeep = (text: string): boolean => {
  let depth = 0;
  let markers = 0;
  let lineStart = true;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '[' || c === '{') depth++;
    else if ((c === ']' || c === '}') && depth > 0) depth--;
    // `- - -` at the start of a line nests as brackets do.
    if (c === '\n') {
      lineStart = true;
      markers = 0;
    } else if (lineStart && (c === '-' || c === '?')) markers += text[i + 1] === ' ' ? 1 : 0;
    else if (c !== ' ') lineStart = false;
    if (depth > MAX_DEPTH || markers > MAX_DEPTH) return true;
  }
  return false;
};
