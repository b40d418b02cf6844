import type { KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import { headIn, isSignedBy, type SignedHead } from './head';
import { type AuditRecord, readLine } from './line';
import { linesOf } from './segments';

/** A head that somebody else kept. Without a signature its sequence and hash are compared all the same. */
export type Witness = Pick<SignedHead, 'chain' | 'covers' | 'hash'> & Partial<SignedHead>;

export interface AuditFault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Of the record that should stand or stands there, where that is known. */
  readonly seq: number | undefined;
  readonly what: string;
}

export interface AuditReport {
  readonly chain: string | undefined;
  readonly records: number;
  /** Sequence of the first and last record that were found whole. */
  readonly first: number;
  readonly last: number;
  readonly heads: number;
  /** Records behind the last head, which only the chain holds together. */
  readonly unsigned: number;
  readonly lastAt: string | undefined;
  /** What a reader should know though nothing is wrong. */
  readonly notes: readonly string[];
  /** The first thing that is wrong; what lies behind it was not looked at. */
  readonly fault: AuditFault | undefined;
}

export interface VerifyOptions {
  /** In the order of the chain. */
  readonly files: readonly string[];
  /** Empty: signatures are not checked. */
  readonly publicKeys: readonly KeyObject[];
  readonly witnesses: readonly Witness[];
  /** Gets every record that fits, in order. */
  readonly onRecord?: (record: AuditRecord) => void;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * Checks a log from its first record to its last, in bounded memory: every record is what its hash was made of, follows the
 * one before, and the signed heads say what they should, where they should. Stops at the first fault.
 */
export async function verifyAudit(options: VerifyOptions): Promise<AuditReport> {
  const { files, publicKeys, witnesses } = options;
  let previous: AuditRecord | undefined;
  let place: Place = { file: '', line: 0 };
  let begin: Place & { readonly seq: number } = { file: files.length === 0 ? '' : basename(files[0]), line: 1, seq: 0 };
  let front: AuditFault | undefined;
  let head: SignedHead | undefined;
  let heads = 0;
  let records = 0;
  let sinceHead = 0;
  const notes: string[] = [];
  const met = new Set<Witness>();

  const fault = (what: string, seq?: number, at: Place = place): AuditFault => ({ ...at, seq, what });

  function judge(record: AuditRecord): AuditFault | undefined {
    const { seq, prev } = record;
    if (previous === undefined) {
      begin = { ...place, seq };
      // Read on: the next head may say what is missing.
      if (record.kind !== 'head') front = fault('the log does not begin with a signed head: cut at the front', seq);
    } else if (seq !== previous.seq + 1) return fault(orderFault(seq, previous.seq + 1), previous.seq + 1);
    else if (prev !== previous.hash)
      return fault(`it does not follow record ${previous.seq}: another one stood there`, seq);
    if (record.kind === 'head') return judgeHead(record);
    sinceHead += 1;
    if (head !== undefined && sinceHead > head.every) {
      return fault(`a signed head is missing: one was due after ${head.every} records`, seq);
    }
    return undefined;
  }

  function judgeHead(record: AuditRecord): AuditFault | undefined {
    const { seq } = record;
    const found = headIn(record);
    if (found === undefined) return fault('a head that is none', seq);
    if (publicKeys.length > 0 && !publicKeys.some((key) => isSignedBy(found, key))) {
      const known = publicKeys.length === 1 ? 'the public key' : 'any of the public keys';
      return fault(`a head that is not signed by ${known} (it names ${found.key})`, seq);
    }
    if (head !== undefined && found.chain !== head.chain) return fault('a head of another chain', seq);
    if (head !== undefined && found.start < head.start)
      return fault('a head whose chain begins before that of an earlier head', seq);
    head = found;
    heads += 1;
    sinceHead = 0;
    return undefined;
  }

  function compare(record: AuditRecord): AuditFault | undefined {
    for (const witness of witnesses) {
      if (witness.covers !== record.seq) continue;
      met.add(witness);
      if (witness.hash !== record.hash)
        return fault('it is not the record that the given head was made of', record.seq);
    }
    return undefined;
  }

  async function read(): Promise<AuditFault | undefined> {
    for (const [index, path] of files.entries()) {
      place = { file: basename(path), line: 0 };
      const lines = linesOf(path);
      try {
        const wrong = await readFile(lines, index === files.length - 1);
        if (wrong !== undefined) return wrong;
      } finally {
        await lines.return(0);
      }
    }
    return undefined;
  }

  async function readFile(lines: ReturnType<typeof linesOf>, isLast: boolean): Promise<AuditFault | undefined> {
    for (;;) {
      const { done, value } = await lines.next();
      if (done) {
        if (value === 0) return undefined;
        if (!isLast) return fault('the last line is not whole', undefined, { ...place, line: place.line + 1 });
        notes.push(`${place.file}: ${value} bytes behind the last whole line: being written, or cut off by a crash`);
        return undefined;
      }
      place = { file: place.file, line: place.line + 1 };
      const line = readLine(value.line);
      if (!line.ok) return fault(line.what, previous === undefined ? undefined : previous.seq + 1);
      const wrong = judge(line.record) ?? compare(line.record);
      if (wrong !== undefined) return wrong;
      previous = line.record;
      records += 1;
      options.onRecord?.(line.record);
    }
  }

  /** What only the whole of it, or a word from outside, can tell. */
  function judgeWhole(): AuditFault | undefined {
    if (records === 0) return fault('there is no record', undefined, { file: begin.file, line: 1 });
    if (head === undefined) return front;
    for (const witness of witnesses) {
      if (witness.chain !== head.chain)
        return fault(`the given head is of another chain (${witness.chain}): the log was begun anew`, undefined, begin);
      const signed = witness.signature === undefined ? undefined : (witness as SignedHead);
      if (signed !== undefined && publicKeys.length > 0 && !publicKeys.some((key) => isSignedBy(signed, key))) {
        notes.push(`the given head of record ${witness.covers} is not signed by the public key: compared all the same`);
      }
      if (met.has(witness)) continue;
      if (witness.covers > previous!.seq) {
        const missing = `records ${previous!.seq + 1} to ${witness.covers} are missing: cut at the end`;
        return fault(missing, previous!.seq + 1, { ...place, line: place.line + 1 });
      }
      notes.push(`the given head of record ${witness.covers} is older than what is kept`);
    }
    return undefined;
  }

  const found = (await read()) ?? judgeWhole();
  // Where the kept chain begins stands in the newest head: what is missing at the front is the first fault of all.
  const cut = head !== undefined && begin.seq > head.start;
  return {
    chain: head?.chain,
    records,
    first: begin.seq,
    last: previous?.seq ?? 0,
    heads,
    unsigned: sinceHead,
    lastAt: previous?.at,
    notes,
    fault: cut
      ? fault(`records ${head!.start} to ${begin.seq - 1} are missing: cut at the front`, head!.start, begin)
      : (front ?? found),
  };
}

function orderFault(seq: number, wanted: number): string {
  if (seq > wanted) return `records ${wanted} to ${seq - 1} are missing: cut or moved away`;
  return `record ${seq} stands where ${wanted} belongs: inserted or moved`;
}
