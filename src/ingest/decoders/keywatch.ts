import type { Rejection } from '../../domain/rejection';
import { canonicalAddress } from '../client-address';
import { type Decoder, isObject, reject } from '../decoder';
import { isLongerThan } from '../text';
import { parseRfc3339 } from '../time';

const isFiniteNumber = (value: unknown): value is number =>
  typeof value === 'number' && value > Number.NEGATIVE_INFINITY && value < Number.POSITIVE_INFINITY;

const wrongType = (field: string, expected: string) => reject('wrong-type', `${field}: expected ${expected}`);

function textFault(field: string, value: unknown, max: number): Rejection | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return wrongType(field, 'a text');
  return isLongerThan(value, max) ? wrongType(field, `at most ${max} characters`) : undefined;
}

/**
 * The hot path's equal of `usageEventRecord` (domain/event.ts): undefined for exactly the records that the schema
 * accepts, otherwise the first fault. A property test holds the two together.
 */
export function faultOf(record: Readonly<Record<string, unknown>>): Rejection | undefined {
  const { ts, key, status, bytes, latency, country } = record;
  if (ts === undefined) return reject('missing-field', 'ts: expected a time');
  if (typeof ts === 'string') {
    if (Number.isNaN(parseRfc3339(ts))) return reject('bad-time', 'ts: expected RFC 3339 with seconds and zone');
  } else if (!isFiniteNumber(ts)) return wrongType('ts', 'RFC 3339 text or milliseconds since 1970');
  if (key === undefined) return reject('missing-field', 'key: expected a text');
  if (typeof key !== 'string') return wrongType('key', 'a text');
  if (key === '') return reject('missing-field', 'key: expected a text that is not empty');
  if (isLongerThan(key, 1024)) return reject('key-too-long', 'key: expected at most 1024 characters');
  const fault =
    textFault('keyName', record.keyName, 256) ??
    textFault('tenant', record.tenant, 256) ??
    textFault('ip', record.ip, 64) ??
    textFault('method', record.method, 32) ??
    textFault('path', record.path, 8_192) ??
    textFault('route', record.route, 512) ??
    textFault('userAgent', record.userAgent, 65_536) ??
    textFault('requestId', record.requestId, 256) ??
    textFault('outcome', record.outcome, 64);
  if (fault !== undefined) return fault;
  if (status !== undefined && !(Number.isInteger(status) && (status as number) >= 0 && (status as number) <= 999))
    return wrongType('status', 'an integer from 0 to 999');
  if (bytes !== undefined && !(isFiniteNumber(bytes) && bytes >= 0))
    return wrongType('bytes', 'a number of at least 0');
  if (latency !== undefined && !(isFiniteNumber(latency) && latency >= 0))
    return wrongType('latency', 'a number of at least 0');
  if (country !== undefined && !(typeof country === 'string' && /^[A-Za-z]{2}$/.test(country)))
    return wrongType('country', 'two letters');
  return undefined;
}

const text = (value: unknown): string => (value === undefined ? '' : (value as string));

/** keywatch's own record format: the published schema `usage-event`, one object per request. */
export const keywatchDecoder: Decoder = {
  input: 'json',

  recognise: (record) =>
    isObject(record) && record.ts !== undefined && record.key !== undefined && faultOf(record) === undefined
      ? 'the fields ts and key of the usage-event schema'
      : undefined,

  decode(record) {
    if (!isObject(record)) return reject('not-object', 'expected a JSON object');
    const fault = faultOf(record);
    if (fault !== undefined) {
      // An empty or null key is a request without a key, not a broken record; everything else must still fit.
      const without = record.key === null || record.key === '' || record.key === undefined;
      return without && faultOf({ ...record, key: 'none' }) === undefined ? { noKey: true } : fault;
    }
    const { ts, ip } = record;
    let address = '';
    if (ip !== undefined && ip !== '' && ip !== '-') {
      const canonical = canonicalAddress(ip as string);
      if (canonical === undefined) return reject('bad-address', 'ip: expected an IPv4 or IPv6 address');
      address = canonical;
    }
    return {
      ts: typeof ts === 'string' ? parseRfc3339(ts) : Math.trunc(ts as number),
      key: { text: record.key as string, kind: 'credential', ambiguous: true },
      keyName: text(record.keyName),
      tenant: text(record.tenant),
      ip: address,
      method: text(record.method),
      path: text(record.path),
      route: text(record.route),
      status: (record.status as number | undefined) ?? 0,
      userAgent: text(record.userAgent),
      bytes: record.bytes as number | undefined,
      latencyMs: record.latency as number | undefined,
      requestId: text(record.requestId),
      country: text(record.country),
      outcome: text(record.outcome),
      secrets: nothing,
    };
  },
};

const nothing: readonly string[] = [];
