import { z } from 'zod';
import { count, duration, hostNames, listenerTls, secretFrom } from './values';

/** What a token may do: look, also give feedback and declare changes, also act on keys. Each may all that those before it may. */
export const roles = ['viewer', 'analyst', 'responder'] as const;
export type Role = (typeof roles)[number];

/** The HTTP API. Without this section there is none. */
export const api = z.strictObject({
  host: z.string().min(1).max(253).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(9465),
  /** Names by which it may be addressed, besides its own address: a browser that was led here by a foreign name is refused. */
  hostNames,
  tls: listenerTls,
  /** Beyond the loopback tokens go over TLS only, unless this says otherwise. */
  allowHttp: z.boolean().default(false),
  tokens: z
    .array(
      z.strictObject({
        /** Named in the audit log. */
        name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
        role: z.enum(roles),
        /** At least 32 characters, as `openssl rand -hex 32` makes them. */
        tokenFrom: secretFrom,
      }),
    )
    .min(1)
    .max(64),
  /** Calls a minute of one token. */
  perMinute: count(120, 100_000),
  /** Calls without a valid token a minute from one address (IPv6: /64) that are answered 401; further ones 429. */
  failuresPerMinute: count(10, 100_000),
  /** How long feedback mutes a facet of a key where it does not say, and at most. */
  mute: duration('7d'),
  muteMax: duration('30d'),
});
