import { open, stat } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { readHistory } from '../../adapters/file/history';
import { listHistory } from '../../adapters/file/history-files';
import type { Format } from '../../config';
import type { UsageEvent } from '../../domain/event';
import type { RejectReason } from '../../domain/rejection';
import { createIngest, type Ingest } from '../../ingest/ingest';
import { REDACTED } from '../../ingest/redact';
import { passingHasher } from '../hashing';

/** Records that are read of a log, and their bytes in all, whichever ends first. */
export const SAMPLE_RECORDS = 2_000;
const SAMPLE_BYTES = 67_108_864;
const MAX_RECORD_BYTES = 1_048_576;
const TAIL_BYTES = 262_144;

/** What a sample holds: counts, times, names of formats and of address ranges; no value of a record. */
export interface Sample {
  readonly format: Format;
  readonly reason: string;
  readonly records: number;
  readonly events: number;
  readonly noKey: number;
  readonly keys: number;
  /** Those of `keys` that stand raw in the log and are known by their keyed hashes only. */
  readonly rawKeys: number;
  /** Events with a text in which something that looks like a secret was replaced. */
  readonly redacted: number;
  /** Events whose client address is known, and those of them whose address is not public. */
  readonly addressed: number;
  readonly privateAddresses: number;
  /** Ranges of the private addresses, CIDR. */
  readonly privateRanges: readonly string[];
  /** Event times, milliseconds UTC; undefined without an event. */
  readonly from: number | undefined;
  readonly until: number | undefined;
  /** Whether `until` is the end of the log, not only that of the sample. */
  readonly toEnd: boolean;
  readonly rejected: ReadonlyMap<RejectReason, { count: number; readonly line: number; readonly detail: string }>;
}

/** RFC 1918, 6598, 4193, loopback and link-local: addresses that proxies have rather than clients. */
const ranges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16']
  .concat(['fc00::/7', 'fe80::/10', '::1/128'])
  .map((cidr) => {
    const [address, bits] = cidr.split('/');
    const list = new BlockList();
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
    return { cidr, list };
  });

const privateRange = (ip: string): string | undefined =>
  ranges.find(({ list }) => list.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4'))?.cidr;

const isRedacted = (event: UsageEvent): boolean =>
  [event.path, event.route, event.userAgent, event.keyName, event.tenant, event.requestId, event.outcome].some((text) =>
    text.includes(REDACTED),
  );

export interface SampleOptions {
  readonly path: string;
  readonly format: Format;
  readonly keyField: string | undefined;
  readonly stop: AbortSignal;
}

/**
 * Reads the first records of a file (plain or gzip) or a directory of them, and of a plain file the last time in it.
 * Raw keys are hashed under a pepper of this call alone. Rejects for what cannot be read; what a record is wrong about is
 * counted.
 */
export async function readSample({ path, format, keyField, stop }: SampleOptions): Promise<Sample> {
  const ingest = createIngest({
    format,
    keyIs: 'auto',
    keyField,
    hashKey: passingHasher().hash,
    trustedProxies: [],
    maxRecordBytes: MAX_RECORD_BYTES,
  });
  const count = createCount(ingest);
  let bytes = 0;
  let toEnd = true;
  const options = { timeOf: () => undefined, maxLineBytes: MAX_RECORD_BYTES, sliceRecords: 100 };
  for await (const { lines } of readHistory([path], options)) {
    stop.throwIfAborted();
    for (const line of lines) {
      if (count.records() >= SAMPLE_RECORDS || bytes >= SAMPLE_BYTES) {
        toEnd = false;
        break;
      }
      bytes += line.length;
      count.add(line);
    }
    if (!toEnd) break;
  }
  const sample = count.sample();
  if (toEnd || sample.until === undefined) return { ...sample, toEnd };
  const last = await lastTime(path, ingest);
  return last === undefined ? { ...sample, toEnd } : { ...sample, until: Math.max(sample.until, last), toEnd: true };
}

function createCount(ingest: Ingest) {
  const keys = new Set<string>();
  const rawKeys = new Set<string>();
  const seenRanges = new Set<string>();
  const rejected = new Map<RejectReason, { count: number; line: number; detail: string }>();
  const counts = { records: 0, events: 0, noKey: 0, redacted: 0, addressed: 0, privateAddresses: 0 };
  let from: number | undefined;
  let until: number | undefined;

  function take(event: UsageEvent): void {
    counts.events++;
    keys.add(event.key);
    if (event.keyKind === 'hash') rawKeys.add(event.key);
    if (isRedacted(event)) counts.redacted++;
    from = Math.min(from ?? event.ts, event.ts);
    until = Math.max(until ?? event.ts, event.ts);
    if (event.ip === '') return;
    counts.addressed++;
    const range = privateRange(event.ip);
    if (range === undefined) return;
    counts.privateAddresses++;
    seenRanges.add(range);
  }

  return {
    records: () => counts.records,
    add(line: Buffer): void {
      counts.records++;
      for (const result of ingest.ingest(line)) {
        if (result.kind === 'event') take(result.event);
        else if (result.kind === 'no-key') counts.noKey++;
        else {
          const { reason, detail } = result.rejection;
          const known = rejected.get(reason);
          if (known === undefined) rejected.set(reason, { count: 1, line: counts.records, detail });
          else known.count++;
        }
      }
    },
    sample: (): Omit<Sample, 'toEnd'> => ({
      ...counts,
      format: ingest.format(),
      reason: ingest.formatReason(),
      keys: keys.size,
      rawKeys: rawKeys.size,
      privateRanges: [...seenRanges].sort(),
      from,
      until,
      rejected,
    }),
  };
}

/** The latest time in the last piece of a plain file; undefined where the file is packed, a directory or holds none. */
async function lastTime(path: string, ingest: Ingest): Promise<number | undefined> {
  if (!(await stat(path)).isFile() || (await listHistory([path]))[0]?.gzip !== false) return undefined;
  const file = await open(path);
  let text: Buffer;
  try {
    const { size } = await file.stat();
    const length = Math.min(TAIL_BYTES, size);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    text = buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
  let last: number | undefined;
  // The first line of the piece is most likely the end of one, and the last one may still be being written.
  for (const line of text.toString('utf8').split('\n').slice(1)) {
    for (const result of ingest.ingest(Buffer.from(line))) {
      if (result.kind === 'event') last = Math.max(last ?? result.event.ts, result.event.ts);
    }
  }
  return last;
}

/** Whether a path names a packed file, which grows no more and so cannot be followed. */
export const isPacked = async (path: string): Promise<boolean> => (await listHistory([path]))[0]?.gzip === true;
