import { z } from 'zod';
import { count, duration, hostNames, listenerTls, secretFrom } from './values';

/**
 * The listener for those without a token of the API: senders of leak notices, owners with a link. Apart from the API, so that one can stand on the
 * internet and the other need not.
 */
export const inbound = z.strictObject({
  host: z.string().min(1).max(253).default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(9466),
  /** Names by which it may be addressed, besides its own address. */
  hostNames,
  tls: listenerTls,
  /** Beyond the loopback only TLS is spoken, unless this says otherwise. */
  allowHttp: z.boolean().default(false),
  /** Calls a minute from one address (IPv6: /64). */
  perMinute: count(600, 100_000),
});

/** Notices that a key was found in public. */
export const leaks = z.strictObject({
  /** What a notice about a known key leads to, besides the alert. */
  action: z.enum(['alert', 'suspend']).default('alert'),
  /** How long a suspension lasts. */
  for: duration('7d'),
  github: z
    .strictObject({
      /** GitHub's public keys, PEM, by their identifier; nothing is fetched. */
      keys: z
        .array(
          z.strictObject({
            id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, 'expected a key_identifier as GitHub publishes it'),
            keyFrom: secretFrom,
          }),
        )
        .min(1)
        .max(16),
      /** Whether the answer confirms known tokens to GitHub. */
      feedback: z.boolean().default(false),
    })
    .optional(),
  /** Secret of the generic notices, as Standard Webhooks has it; without it there are none. */
  secretFrom: secretFrom.optional(),
});
