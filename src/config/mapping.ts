import { z } from 'zod';
import { keyTypes } from '../ingest/mapping';
import { MAX_PATH, parsePath } from '../ingest/path';
import { durationUnits, timeUnits } from '../ingest/units';

/** Where a value stands in a record. */
const path = z
  .string()
  .max(MAX_PATH)
  .refine((text) => parsePath(text) !== undefined, 'expected a path such as key_id, user.id, "user.id" or items[0].id');
const text = (max: number) => z.string().min(1).max(max);

/** The fields of a JSON log that no decoder knows. */
export const mapping = z.strictObject({
  /** A list of requests inside one record; without it the record is one request. */
  records: path.optional(),
  time: path,
  /** `auto`: RFC 3339, common log format, or a number whose size tells its unit. */
  timeUnit: z.enum(timeUnits).default('auto'),
  key: path,
  /** `auto`: as `ingest.keyIs` says. */
  keyType: z.enum(keyTypes).default('auto'),
  keyName: path.optional(),
  tenant: path.optional(),
  /** The connecting address, with or without a port. */
  ip: path.optional(),
  /** `X-Forwarded-For`. */
  forwardedFor: path.optional(),
  method: path.optional(),
  path: path.optional(),
  route: path.optional(),
  status: path.optional(),
  userAgent: path.optional(),
  /** Bytes sent to the client. */
  bytes: path.optional(),
  latency: path.optional(),
  latencyUnit: z.enum(durationUnits).default('ms'),
  requestId: path.optional(),
  country: path.optional(),
  outcome: path.optional(),
  /** A map of request headers: keys in their usual places, user agent, forwarding. */
  headers: path.optional(),
  /** Places of raw secrets beside the key: removed wherever else they occur. */
  secrets: z.array(path).max(32).default([]),
  /** Texts for what a record does not say. */
  constants: z
    .strictObject({
      keyName: text(256).optional(),
      tenant: text(256).optional(),
      method: text(20).optional(),
      route: text(512).optional(),
      userAgent: text(512).optional(),
      country: z
        .string()
        .regex(/^[A-Za-z]{2}$/, 'expected two letters, such as DE')
        .optional(),
      outcome: text(64).optional(),
    })
    .prefault({}),
});
