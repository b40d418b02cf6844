import { createHmac } from 'node:crypto';

export interface Pepper {
  readonly pepper: Buffer;
  /** 1–255; part of the hash's text, so that hashes of two peppers never meet by accident. */
  readonly version: number;
}

export interface KeyHasher {
  /** Keyed hash of a raw key under the current pepper: `h<version>:<22 characters of base64url>`. */
  readonly hash: (raw: string) => string;
  /** The hash under the pepper before the last rotation; undefined when none is configured. */
  readonly previous: (raw: string) => string | undefined;
}

/** Raw keys whose hashes are remembered; they live in memory only, never in a state file. */
const CACHED_KEYS = 100_000;
/** Longer keys are hashed each time: a client that sends kilobytes as its key must not fill the cache with them. */
const LONGEST_CACHED = 128;

/**
 * The keyed hash itself, kept nowhere: for raw keys that strangers send. The domain prefix keeps these hashes apart from any
 * other use of the same pepper.
 */
export const keyedHash = (raw: string, { pepper, version }: Pepper): string =>
  `h${version}:${createHmac('sha256', pepper).update('key\0').update(raw, 'utf8').digest().subarray(0, 16).toString('base64url')}`;

function cached(pepper: Pepper): (raw: string) => string {
  const known = new Map<string, string>();
  return (raw) => {
    const hit = known.get(raw);
    if (hit !== undefined) return hit;
    const hash = keyedHash(raw, pepper);
    if (raw.length > LONGEST_CACHED) return hash;
    if (known.size >= CACHED_KEYS) known.clear();
    known.set(raw, hash);
    return hash;
  };
}

/**
 * Replaces raw keys by keyed hashes: HMAC-SHA-256 over `key NUL raw`, first 16 bytes. HMAC is computed once a key and
 * cached (bounded). Throws on an empty pepper, under which the hash would be open to anyone.
 */
export function createKeyHasher(options: Pepper & { readonly previous?: Pepper | undefined }): KeyHasher {
  const { previous } = options;
  if (options.pepper.length === 0 || previous?.pepper.length === 0) throw new Error('the pepper is empty');
  return { hash: cached(options), previous: previous === undefined ? () => undefined : cached(previous) };
}
