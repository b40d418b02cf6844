import { z } from 'zod';
import { keyActions } from '../domain/action';
import { enforcer } from './enforcers';
import { cidr, count, duration, secretFrom, share, topic } from './values';

const keyId = z.string().min(1).max(1024);

export const enforce = z.strictObject({
  /** `dry-run` says what would be done and does nothing. */
  mode: z.enum(['dry-run', 'enforce']).default('dry-run'),
  /** While the rest is enforced: tiers and policy rules that only say what they would do. */
  dryRun: z
    .strictObject({
      tiers: z.array(z.string().max(64)).max(1_000).default([]),
      rules: z.array(z.string().max(64)).max(64).default([]),
    })
    .prefault({}),
  /** A key id, or one with an end (`until`) after which it is protected no more. */
  protectedKeys: z
    .array(
      z.union([
        keyId,
        z.strictObject({
          key: keyId,
          until: z.iso.datetime({ offset: true }).optional(),
          reason: z.string().max(500).optional(),
        }),
      ]),
    )
    .max(100_000)
    .default([]),
  /** Whether a policy rule may revoke a key, for good, without a person. */
  automaticRevoke: z.boolean().default(false),
  breaker: z
    .strictObject({
      /** At most this many actions in `window`; beyond, all are held until a person resets the breaker. */
      count: count(5, 100_000),
      /** At most this share of the keys seen active in `window`. */
      share: share(0.02),
      window: duration('1h'),
      /** The same for the keys of one tenant. */
      tenant: z.strictObject({ count: count(3, 100_000), share: share(0.5) }).prefault({}),
    })
    .prefault({}),
  /** An action lasts `factor` times as long with each one before it within `window`, up to `max`. */
  repeat: z
    .strictObject({ factor: z.number().min(1).max(100).default(2), window: duration('7d'), max: duration('24h') })
    .prefault({}),
  /** A request decided longer ago than this (event time to wall clock) is held. */
  maxAge: duration('10m'),
  /** An action not delivered this long after its acceptance is given up and reported. */
  notAfter: duration('15m'),
  /** Least time between two changes of one key's standing. */
  keyCooldown: duration('1m'),
  /** Time after the acknowledgement within which the key's traffic must be seen to stop or to be refused. */
  effectiveWithin: duration('15m'),
  /** Alerts of one actor on several keys are one group while no longer than this passes between them. */
  groupWindow: duration('6h'),
  /** Nothing is acted on while the data are worse than this within `window`, or have a gap. */
  quality: z.strictObject({ window: duration('10m'), decodeErrors: share(0.2), clockFaults: share(0.2) }).prefault({}),
  /**
   * Where requests and outcomes lie: below `state.dir`, for one process, or in topics on the brokers of the source, for several
   * of which one is active.
   */
  log: z
    .strictObject({
      kind: z.enum(['file', 'kafka']).default('file'),
      requestsTopic: topic('keywatch-requests'),
      ledgerTopic: topic('keywatch-ledger'),
    })
    .prefault({}),
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      secretFrom,
      /** What the receiver can do; a policy that asks for anything else is refused. */
      actions: z.array(z.enum(keyActions)).min(1).max(keyActions.length).default(['suspend']),
      /** `http:` and private, loopback or link-local addresses are refused unless named here. */
      allowPrivate: z.array(cidr).max(64).default([]),
      allowHttp: z.boolean().default(false),
      timeout: duration('15s'),
    })
    .optional(),
  /** Instead of the webhook. */
  via: enforcer.optional(),
});
