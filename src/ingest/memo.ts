import { own } from './text';

/**
 * Remembers the results of a pure function of a text. Holds at most `limit` entries; when full it forgets all and starts
 * again, which costs a recomputation and never changes a result. Texts longer than `longest` are not remembered, so the
 * memory is bounded by `limit * longest` characters. The function gets a copy, so a result that is a part of its text
 * keeps nothing else alive.
 */
export function memo<T>(compute: (text: string) => T, limit: number, longest: number): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const hit = known.get(text);
    if (hit !== undefined) return hit;
    const key = own(text);
    const value = compute(key);
    if (key.length > longest) return value;
    if (known.size >= limit) known.clear();
    known.set(key, value);
    return value;
  };
}
