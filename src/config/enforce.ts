import { z } from 'zod';
import { cidr, count, duration, secretFrom, share } from './values';

export const enforce = z.strictObject({
  /** `dry-run` says what would be done and does nothing. */
  mode: z.enum(['dry-run', 'enforce']).default('dry-run'),
  protectedKeys: z.array(z.string().max(1024)).max(100_000).default([]),
  breaker: z
    .strictObject({
      /** At most this many suspensions in `window`; beyond, all are held until a person resets the breaker. */
      count: count(5, 100_000),
      /** At most this share of the keys seen active in `window`. */
      share: share(0.02),
      window: duration('1h'),
    })
    .prefault({}),
  /** A request decided longer ago than this (event time to wall clock) is held. */
  maxAge: duration('10m'),
  /** A suspension not delivered this long after its acceptance is given up and reported. */
  notAfter: duration('15m'),
  /** Least time between two changes of one key's standing. */
  keyCooldown: duration('1m'),
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      secretFrom,
      /** `http:` and private, loopback or link-local addresses are refused unless named here. */
      allowPrivate: z.array(cidr).max(64).default([]),
      allowHttp: z.boolean().default(false),
      timeout: duration('15s'),
    })
    .optional(),
});
