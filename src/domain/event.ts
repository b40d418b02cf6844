import { z } from 'zod';
import type { AddressFacts } from './address';

/**
 * What the key id of an event stands for. `credential`: the gateway's id of one key. `consumer`: the gateway logs only
 * the owner, so several keys may share the id. `hash`: keyed hash of a raw key, computed by keywatch (never the key).
 */
export type KeyKind = 'credential' | 'consumer' | 'hash';

/**
 * One request made with an API key, as every stage after `ingest` sees it. Holds no secret: identities are ids or keyed
 * hashes, `path` has no query, and secret-shaped texts are redacted. Unknown texts are '', unknown numbers undefined.
 */
export interface UsageEvent {
  /** Event time, milliseconds since 1970 UTC. */
  readonly ts: number;
  readonly key: string;
  readonly keyKind: KeyKind;
  /** What people call the key; '' when the log has no name. */
  readonly keyName: string;
  readonly tenant: string;
  /** Client address in canonical text form (IPv4-mapped IPv6 as IPv4), or what is kept of it (address.ts); '' when unknown. */
  readonly ip: string;
  /** Found out of the whole address, where another stands in its place. */
  readonly address?: AddressFacts | undefined;
  /** Upper case. */
  readonly method: string;
  /** Without query or fragment, redacted, at most 512 characters. */
  readonly path: string;
  /** Route of the API: the gateway's own name for it, else the templated path (`/users/{id}`). */
  readonly route: string;
  /** HTTP status; 0 when unknown. */
  readonly status: number;
  readonly userAgent: string;
  /** Bytes sent to the client; undefined when the log does not say. */
  readonly bytes: number | undefined;
  readonly latencyMs: number | undefined;
  readonly requestId: string;
  /** ISO 3166-1 alpha-2, upper case, as stated by the log; '' when it does not say (geography is derived later). */
  readonly country: string;
  /** The gateway's verdict where it has one, for example `RATE_LIMITED`; '' otherwise. */
  readonly outcome: string;
}

const text = (max: number) => z.string().max(max);

/**
 * keywatch's own record format: one JSON object per request. This schema is published (`schemas/usage-event.schema.json`)
 * and is the reference that the faster decoder is tested against. Unknown fields are ignored.
 */
export const usageEventRecord = z
  .object({
    ts: z
      .union([z.iso.datetime({ offset: true }), z.number()])
      .describe('Event time: RFC 3339 text with zone, or milliseconds since 1970 UTC.'),
    key: text(1024).min(1).describe('Id of the API key. Not the key itself, unless `ingest.keyIs: secret` is set.'),
    keyName: text(256).optional().describe('What people call the key.'),
    tenant: text(256).optional(),
    ip: text(64).optional().describe('Client address, IPv4 or IPv6.'),
    method: text(32).optional(),
    path: text(8192).optional().describe('Path of the request; a query is cut off.'),
    route: text(512).optional().describe('Route template; derived from the path when absent.'),
    status: z.number().int().min(0).max(999).optional(),
    userAgent: text(65536).optional(),
    bytes: z.number().min(0).optional().describe('Bytes sent to the client.'),
    latency: z.number().min(0).optional().describe('Milliseconds.'),
    requestId: text(256).optional(),
    country: z
      .string()
      .regex(/^[A-Za-z]{2}$/)
      .optional(),
    outcome: text(64).optional(),
  })
  .describe('One request made with an API key.');

export type UsageEventRecord = z.infer<typeof usageEventRecord>;
