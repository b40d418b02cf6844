import { z } from 'zod';
import { count, duration, secretFrom } from './values';

/** The audit log in `state.dir/audit`: what was done, by whom, hash-chained and signed. */
export const audit = z.strictObject({
  /** Private Ed25519 key, PEM. Without it one is made at the first start, in `state.dir`. */
  signingKeyFrom: secretFrom.optional(),
  /** A signed head is written, and sent to the outputs, after so many records and after this time. */
  headEvery: z.strictObject({ records: count(1_000, 1_000_000), time: duration('1h') }).prefault({}),
  /** Segments older than this are deleted, and the oldest while all are larger than `maxBytes`. */
  keep: duration('365d'),
  segmentBytes: count(16_777_216, 1_073_741_824),
  maxBytes: count(1_073_741_824),
  /** Held requests recorded one by one in a minute; beyond, they are counted by rail and recorded once a minute. */
  heldPerMinute: count(60, 10_000),
});
