/**
 * 32-bit hashes for sketches and tables. Not for secrets: an outsider can make collisions, and all that a collision can
 * do here is to make one value look as familiar as another on the same key.
 */

/** FNV-1a over UTF-16 code units, finished with MurmurHash3's `fmix32`. Unsigned. */
export function hashText(text: string, seed = 0x811c9dc5): number {
  let h = seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h ^ text.length);
}

/** MurmurHash3's finaliser: every input bit reaches every output bit. Unsigned. */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Order matters: `combine(a, b)` is not `combine(b, a)`. Unsigned. */
export function combine(a: number, b: number): number {
  return mix(Math.imul(a, 0x9e3779b1) + b);
}
