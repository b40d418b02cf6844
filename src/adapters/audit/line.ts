import { createHash } from 'node:crypto';
import { type AuditDetail, type AuditEntry, type AuditKind, auditKinds, auditLimits } from '../../domain/audit';
import { looksLikeSecret, REDACTED, redactRequestId } from '../../ingest/redact';
import { plain } from '../siem/text';

/**
 * A record of the audit log is one line of JSON with these members in this order, `hash` last. Its hash is the SHA-256, in
 * hexadecimal, of the line's bytes without `,"hash":"…"`: what is hashed ends with the `}` that ends the line. `prev` is the
 * hash of the record before, 64 zeros before the first.
 */
export interface AuditRecord {
  readonly seq: number;
  /** RFC 3339, of keywatch's clock: it may go back where the clock was set. */
  readonly at: string;
  readonly kind: RecordKind;
  readonly by: string;
  readonly subject: string;
  readonly detail: AuditDetail;
  readonly prev: string;
  readonly hash: string;
}

/**
 * Kinds that the log writes of itself. `head`: a signed statement about the records before it (head.ts). `torn`: the last
 * write before was cut off by a crash. `damaged`: what lay there before the start did not fit together.
 */
export const ownKinds = ['head', 'torn', 'damaged'] as const;
export type RecordKind = AuditKind | (typeof ownKinds)[number];
export const recordKinds: readonly RecordKind[] = [...auditKinds, ...ownKinds];

export const NO_HASH = '0'.repeat(64);
/** Longest line that is read, bytes; the longest that is written is shorter. */
export const MAX_LINE_BYTES = 1_048_576;

const kinds: ReadonlySet<string> = new Set(recordKinds);
const members = ['seq', 'at', 'kind', 'by', 'subject', 'detail', 'prev', 'hash'];
/** `,"hash":"` and 64 digits and `"}`. */
const TAIL_BYTES = 9 + 64 + 2;
const HASH_TAIL = /^,"hash":"([0-9a-f]{64})"\}$/;

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

export interface Sealed {
  readonly line: string;
  readonly hash: string;
}

/** The line of a record, with its line feed, and its hash. */
export function seal(record: Omit<AuditRecord, 'hash'>): Sealed {
  const { seq, at, kind, by, subject, detail, prev } = record;
  const text = JSON.stringify({ seq, at, kind, by, subject, detail, prev });
  const hash = sha256(text);
  return { line: `${text.slice(0, -1)},"hash":"${hash}"}\n`, hash };
}

export type ReadLine =
  | { readonly ok: true; readonly record: AuditRecord }
  | { readonly ok: false; readonly what: string };

/** A record out of its line (without the line feed), or why the line is none. */
export function readLine(line: Buffer): ReadLine {
  if (line.length > MAX_LINE_BYTES) return bad('the line is too long');
  const [, hash] = HASH_TAIL.exec(line.toString('latin1', Math.max(0, line.length - TAIL_BYTES))) ?? [];
  if (hash === undefined) return bad('no record: it does not end with a hash');
  const content = Buffer.concat([line.subarray(0, line.length - TAIL_BYTES), Buffer.from('}')]);
  if (sha256(content) !== hash) return bad('its content is not what its hash was made of');
  const record = parsed(line);
  if (record === undefined) return bad('its hash fits, but it is no record of an audit log');
  return { ok: true, record: { ...record, hash } };
}

const bad = (what: string): ReadLine => ({ ok: false, what });

function parsed(line: Buffer): AuditRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== members.join()) return undefined;
  const { seq, at, kind, by, subject, detail, prev } = value as Record<string, unknown>;
  const whole = typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0 && isHash(prev);
  const texts = [at, by, subject].every((text) => typeof text === 'string');
  const known = typeof kind === 'string' && kinds.has(kind);
  return whole && texts && known && typeof detail === 'object' && detail !== null ? (value as AuditRecord) : undefined;
}

export const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** Ids of keys that keywatch itself has hashed: random by nature, and no secret. */
const keyedHash = /^h\d{1,3}:[A-Za-z0-9_-]{22}$/;

/** An id as it is, unless it has the shape of a raw key. */
const safeId = (text: string): string =>
  keyedHash.test(text) || redactRequestId(text) === text || !looksLikeSecret(text) ? text : REDACTED;

const safe = (text: string, max: number): string => {
  const cut = plain(text, max);
  return keyedHash.test(cut) ? cut : redactRequestId(cut);
};

/** A record before it has its place in the chain. */
export type RecordBody = Pick<AuditRecord, 'kind' | 'by' | 'subject' | 'detail'>;

/** What a caller gave, bounded, on one line, and without what has the shape of a secret. */
export function bounded({ kind, by, subject, detail = {} }: AuditEntry): RecordBody {
  const kept = Object.entries(detail)
    .filter(([, value]) => value !== undefined)
    .slice(0, auditLimits.members)
    .map(([name, value]) => [safe(name, auditLimits.name), fitting(value!)] as const);
  return {
    kind,
    by: safe(by, auditLimits.by),
    subject: safeId(plain(subject, auditLimits.subject)),
    detail: Object.fromEntries(kept),
  };
}

function fitting(value: NonNullable<AuditDetail[string]>): NonNullable<AuditDetail[string]> {
  if (typeof value === 'string') return safe(value, auditLimits.text);
  // JSON knows no NaN and no infinity.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  return value.slice(0, auditLimits.items).map((item) => safe(item, auditLimits.text));
}
