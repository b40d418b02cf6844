import { type KeyObject, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditDetail } from '../../domain/audit';
import { cutFile } from '../file/synced-file';
import { headIn, isSignedBy, type SignedHead } from './head';
import { NO_HASH } from './line';
import { segmentsIn, type Tail, tailOf } from './segments';

const DAY_MS = 86_400_000;

/** Where the chain stands: changed only when what it tells of is on disk. */
export interface Chain {
  readonly seq: number;
  readonly hash: string;
  readonly name: string;
  readonly start: number;
  readonly head: SignedHead | undefined;
  readonly sinceHead: number;
}

export interface Recovery {
  readonly chain: Chain;
  /** The segment to go on with. */
  readonly last: { readonly name: string; readonly day: number } | undefined;
  readonly torn: AuditDetail | undefined;
  readonly unfit: AuditDetail | undefined;
}

/** Reads where the chain stands, and removes what a crash cut off and what retention had done with. */
export async function recover(dir: string, publicKey: KeyObject): Promise<Recovery> {
  const segments = await segmentsIn(dir);
  let torn: AuditDetail | undefined;
  for (const { name } of [...segments].reverse()) {
    const tail = await tailOf(dir, name);
    if (tail === undefined) continue;
    if (tail.torn !== undefined) {
      await cutFile(join(dir, name), tail.bytes);
      torn = { file: name, bytes: tail.torn.bytes, sha256: tail.torn.sha256 };
    }
    if (tail.records === 0 && tail.damage === undefined) {
      // A crash in its first write: the record before it is in an earlier segment, if there is one.
      await rm(join(dir, name), { force: true });
      continue;
    }
    const chain = chainOf(tail);
    const unfit = damageOf(tail, name);
    // Only our own signed word lets anything go.
    if (unfit === undefined && chain.head !== undefined && isSignedBy(chain.head, publicKey)) {
      const over = segments.filter((_, i) => (segments[i + 1]?.first ?? Infinity) <= chain.start);
      for (const segment of over) await rm(join(dir, segment.name), { force: true });
    }
    const day = tail.head === undefined ? 0 : Math.floor(Date.parse(tail.head.at) / DAY_MS);
    return { chain, last: unfit === undefined ? { name, day } : undefined, torn, unfit };
  }
  const chain = { seq: 0, hash: NO_HASH, name: randomUUID(), start: 1, head: undefined, sinceHead: 0 };
  return { chain, last: undefined, torn, unfit: undefined };
}

function chainOf(tail: Tail): Chain {
  const head = tail.head === undefined ? undefined : headIn(tail.head);
  // Without a head that can be read nothing is known of the chain's name: another one begins, and says so.
  return {
    seq: tail.seq,
    hash: tail.hash,
    name: head?.chain ?? randomUUID(),
    start: head?.start ?? tail.seq + 1,
    head,
    sinceHead: tail.sinceHead,
  };
}

function damageOf(tail: Tail, file: string): AuditDetail | undefined {
  if (tail.damage !== undefined) return { file, line: tail.damage.line, what: tail.damage.what };
  return tail.head === undefined ? { file, line: 1, what: 'it has no head' } : undefined;
}
