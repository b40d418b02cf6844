import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditLogOptions, openAuditLog } from '../../src/adapters/audit/audit-log';
import { type SigningKey, signingKeyOf } from '../../src/adapters/audit/key';
import type { AuditEntry } from '../../src/domain/audit';
import { createVirtualClock } from './virtual-clock';

export const NOON = Date.parse('2026-11-24T12:00:00.000Z');

/** Made for tests; protects nothing. */
export const testKey: SigningKey = signingKeyOf(
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n',
);

export const entry = (n: number): AuditEntry => ({
  kind: 'action',
  by: 'keywatch',
  subject: `k_${n}`,
  detail: { state: 'held', rail: 'dry-run', request: `r${n}` },
});

export async function openTestLog(dir: string, options: Partial<AuditLogOptions> = {}) {
  const clock = createVirtualClock(NOON);
  const log = await openAuditLog({
    dir,
    key: testKey,
    clock,
    headEvery: { records: 5, ms: 3_600_000 },
    segmentBytes: 1_000_000,
    keepMs: 10 * 86_400_000,
    maxBytes: 10_000_000,
    ...options,
  });
  return { log, clock };
}

export const segmentFiles = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .map((name) => join(dir, name));

/**
 * A verifier of its own, from the page docs/audit.md alone: nothing of src/. Answers how many records and heads it found
 * good, or throws.
 */
export function verifyIndependently(
  paths: readonly string[],
  publicKeyPem: string,
): { records: number; heads: number } {
  const key = createPublicKey(publicKeyPem);
  let before: { seq: number; hash: string } | undefined;
  let heads = 0;
  let records = 0;
  for (const line of paths.flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1))) {
    const cut = line.lastIndexOf(',"hash":"');
    const record = JSON.parse(line);
    const hash = createHash('sha256')
      .update(`${line.slice(0, cut)}}`)
      .digest('hex');
    if (hash !== record.hash) throw new Error(`record ${record.seq}: hash`);
    if (before !== undefined && (record.prev !== before.hash || record.seq !== before.seq + 1)) {
      throw new Error(`record ${record.seq}: chain`);
    }
    if (record.kind === 'head') {
      const { chain, start, every, signature } = record.detail;
      const said = ['keywatch audit head 1', chain, start, record.seq - 1, record.prev, every, record.at, ''].join(
        '\n',
      );
      if (!verify(null, Buffer.from(said), key, Buffer.from(signature, 'base64'))) throw new Error('signature');
      heads += 1;
    }
    records += 1;
    before = record;
  }
  return { records, heads };
}
