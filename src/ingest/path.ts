import { isObject } from './decoder';

/** Names and positions from a record to a value inside it. */
export type FieldPath = readonly (string | number)[];

export const MAX_PATH = 256;
const MAX_STEPS = 8;

/** A plain name, a quoted name (which may hold dots), or a position in a list. Sticky, and linear. */
const step = /(?:^|\.)([^.[\]"\s]+)|(?:^|\.)"([^"]+)"|\[(\d{1,4})\]/y;

/**
 * Reads `a.b`, `a."name.with.dots"` and `a[0].b`: at most 8 steps and 256 characters. Undefined for anything else, the
 * empty text among it. There are no wildcards and no expressions: a path costs as many look-ups as it has steps.
 */
export function parsePath(text: string): FieldPath | undefined {
  if (text.length > MAX_PATH || text.startsWith('.')) return undefined;
  const path: (string | number)[] = [];
  step.lastIndex = 0;
  for (let at = 0; at < text.length; at = step.lastIndex) {
    const found = step.exec(text);
    if (found === null || path.length === MAX_STEPS) return undefined;
    path.push(found[3] === undefined ? (found[1] ?? found[2]) : Number(found[3]));
  }
  return path.length === 0 ? undefined : path;
}

/** Paths that the program itself names; throws at once on one that cannot be read. */
export const paths = (...texts: readonly string[]): readonly FieldPath[] =>
  texts.map((text) => {
    const path = parsePath(text);
    if (path === undefined) throw new Error(`${text}: expected a path`);
    return path;
  });

/** The value at a path, of own properties alone: what an object inherits is never found. Undefined where there is none. */
export function valueAt(record: unknown, path: FieldPath): unknown {
  let value = record;
  for (const name of path) {
    if (typeof name === 'number') {
      if (!Array.isArray(value)) return undefined;
      value = value[name];
    } else {
      if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
  }
  return value;
}
