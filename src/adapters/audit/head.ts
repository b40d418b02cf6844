import { type KeyObject, sign, verify } from 'node:crypto';
import type { AuditDetail } from '../../domain/audit';
import { fingerprintOf, type SigningKey } from './key';
import { type AuditRecord, isHash } from './line';

/**
 * What a head says: up to record `covers` the chain has this hash, the kept part of it begins at record `start`, and the next
 * head comes after at most `every` records. Signed with Ed25519 (RFC 8032).
 */
export interface Head {
  /** Random name of the chain: a log that was begun anew has another. */
  readonly chain: string;
  readonly start: number;
  /** Sequence of the last record before the head; 0 for the head that begins a chain. */
  readonly covers: number;
  /** That record's hash. */
  readonly hash: string;
  readonly every: number;
  readonly at: string;
}

export interface SignedHead extends Head {
  /** Fingerprint of the public key. */
  readonly key: string;
  /** Base64. */
  readonly signature: string;
}

/** The bytes that are signed: a fixed first line, then the members, one a line. */
const statement = ({ chain, start, covers, hash, every, at }: Head): Buffer =>
  Buffer.from(`keywatch audit head 1\n${[chain, start, covers, hash, every, at].join('\n')}\n`);

export function signHead(head: Head, key: SigningKey): SignedHead {
  return { ...head, key: key.fingerprint, signature: sign(null, statement(head), key.privateKey).toString('base64') };
}

export function isSignedBy(head: SignedHead, key: KeyObject): boolean {
  return fingerprintOf(key) === head.key && verify(null, statement(head), key, Buffer.from(head.signature, 'base64'));
}

/** What a head's record carries: sequence, hash and time are the record's own. */
export function detailOf({ chain, start, every, key, signature }: SignedHead): AuditDetail {
  return { chain, start, every, key, signature };
}

/** The head in a record of that kind; undefined where it is malformed. */
export function headIn(record: AuditRecord): SignedHead | undefined {
  return headOf({ ...record.detail, covers: record.seq - 1, hash: record.prev, at: record.at });
}

/** A signed head out of foreign members: `covers` may be called `sequence`. */
export function headOf(value: Readonly<Record<string, unknown>>): SignedHead | undefined {
  const { chain, start, hash, every, at, key, signature } = value;
  const covers = value.covers ?? value.sequence;
  const numbers = [start, covers, every].every((n) => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0);
  const texts = [chain, at, key, signature].every((text) => typeof text === 'string' && text.length <= 256);
  if (!numbers || !texts || !isHash(hash)) return undefined;
  return { chain, start, covers, hash, every, at, key, signature } as SignedHead;
}
