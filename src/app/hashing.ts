import { randomBytes } from 'node:crypto';
import { resolveSecret } from '../adapters/secrets';
import type { Config } from '../config';
import { createKeyHasher, keyedHash } from '../ingest/pepper';

/** Keyed hash of raw keys under the configured pepper; undefined when none is configured. */
export function configuredHasher(ingest: Config['ingest']): ((raw: string) => string) | undefined {
  if (ingest.pepperFrom === undefined) return undefined;
  const pepper = Buffer.from(resolveSecret(ingest.pepperFrom), 'utf8');
  return createKeyHasher({ pepper, version: ingest.pepperVersion }).hash;
}

/** The same hash without the cache: for raw keys that strangers send. */
export function passingConfiguredHash(ingest: Config['ingest']): ((raw: string) => string) | undefined {
  if (ingest.pepperFrom === undefined) return undefined;
  const pepper = { pepper: Buffer.from(resolveSecret(ingest.pepperFrom), 'utf8'), version: ingest.pepperVersion };
  return (raw) => keyedHash(raw, pepper);
}

/**
 * For runs that keep nothing: a pepper of this run alone, so that a log with raw keys can be looked at without any
 * set-up. `used` says whether it was needed; hashes then differ from run to run.
 */
export function passingHasher(): { readonly hash: (raw: string) => string; used(): boolean } {
  const hasher = createKeyHasher({ pepper: randomBytes(32), version: 1 });
  let used = false;
  return {
    hash(raw) {
      used = true;
      return hasher.hash(raw);
    },
    used: () => used,
  };
}
