import { z } from 'zod';
import { configuredFormats } from '../ingest/formats';
import { mapping } from './mapping';
import { cidr, count, secretFrom } from './values';

export const ingest = z.strictObject({
  format: z.enum(configuredFormats).default('auto'),
  /** Where the fields are, for the format `mapping`. */
  mapping: mapping.optional(),
  /** Whether the key field of the log holds an id or the raw key. `auto`: an id, unless it looks like a secret. */
  keyIs: z.enum(['auto', 'id', 'secret']).default('auto'),
  /** Field that holds the key: a name, a path, a header or a user field, by the format (docs/formats.md). */
  keyField: z.string().max(128).optional(),
  pepperFrom: secretFrom.optional(),
  pepperVersion: count(1, 255),
  /** Proxies whose X-Forwarded-For entries are believed, read from the right. */
  trustedProxies: z.array(cidr).max(256).default([]),
  maxRecordBytes: count(1_048_576, 16_777_216),
  deadLettersPerSecond: count(100, 100_000),
});
