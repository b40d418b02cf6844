import { z } from 'zod';
import { formats } from '../ingest/formats';
import { cidr, count, secretFrom } from './values';

export const ingest = z.strictObject({
  format: z.enum(formats).default('auto'),
  /** Whether the key field of the log holds an id or the raw key. `auto`: an id, unless it looks like a secret. */
  keyIs: z.enum(['auto', 'id', 'secret']).default('auto'),
  /** JSON field that holds the key, for `nginx-json`; header or user field, for `nginx-combined`. */
  keyField: z.string().max(128).optional(),
  pepperFrom: secretFrom.optional(),
  pepperVersion: count(1, 255),
  /** Proxies whose X-Forwarded-For entries are believed, read from the right. */
  trustedProxies: z.array(cidr).max(256).default([]),
  maxRecordBytes: count(1_048_576, 16_777_216),
  deadLettersPerSecond: count(100, 100_000),
});
