import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openAppendLog } from './append-log';

/** What is left of a key that was forgotten: that it was, when, and who asked. */
export interface Tombstone {
  /** Stands in the key's place wherever something has to: `forgotten:` and 22 characters of base64url. */
  readonly as: string;
  /** What the hash was salted with, where no pepper is configured. */
  readonly salt?: string | undefined;
  /** Wall clock, RFC 3339. */
  readonly at: string;
  readonly by: string;
}

/**
 * HMAC-SHA-256 over `forgotten NUL key`, first 16 bytes, under the pepper; where there is none under a salt of its own, which
 * keeps two installations apart but not one who has the file from testing guesses.
 */
export function tombstoneOf(key: string, by: string, at: number, pepper: Buffer | undefined): Tombstone {
  const salt = pepper === undefined ? randomBytes(16).toString('base64url') : undefined;
  const mac = createHmac('sha256', pepper ?? (salt as string))
    .update('forgotten\0')
    .update(key, 'utf8');
  const as = `forgotten:${mac.digest().subarray(0, 16).toString('base64url')}`;
  return { as, salt, at: new Date(at).toISOString(), by };
}

/** Adds one to `forgotten.log` of the state directory (format: append-log.ts). Durable when it resolves. */
export async function keepTombstone(stateDir: string, tombstone: Tombstone): Promise<void> {
  const log = await openAppendLog(join(stateDir, 'forgotten.log'));
  try {
    await log.append([JSON.stringify(tombstone)]);
  } finally {
    await log.close();
  }
}
