import { z } from 'zod';
import { documentKinds, severityNames } from '../domain/alert';
import { count, duration } from './values';

/**
 * What every output of alerts may say beyond its own settings. `record` is its default: a record (a store that people
 * search) keeps what a maintenance window mutes, a notification (what interrupts people) does not get it.
 */
export const routing = (record: boolean) => ({
  record: z.boolean().default(record),
  /** Documents of lower severity do not go here. */
  minSeverity: z.enum(severityNames).default('low'),
  kinds: z
    .array(z.enum(documentKinds))
    .min(1)
    .max(documentKinds.length)
    .default([...documentKinds]),
  rateLimit: z
    .strictObject({
      /** At most so many documents in a window; the rest is counted and told in one summary at its end. */
      documents: count(30, 10_000),
      window: duration('1h'),
      /** From this severity on documents pass whatever their number; `none`: none does. */
      exempt: z.enum([...severityNames, 'none']).default('critical'),
    })
    .optional(),
});

const patterns = z.array(z.string().min(1).max(256)).max(1_000).default([]);
const time = z.iso.datetime({ offset: true }).describe('an RFC 3339 time such as 2026-01-31T22:00:00Z');
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as 22:30');

/** When odd use is expected: alerts decided on it interrupt nobody. Either from `from` to `to`, or `weekly`. */
export const maintenance = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
      from: time.optional(),
      to: time.optional(),
      weekly: z
        .strictObject({
          days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1),
          from: clock,
          /** Not later than `from`: on the next day. */
          to: clock,
          zone: z.string().min(1).max(64).default('UTC'),
        })
        .optional(),
      /** Only keys that fit; a list that is empty fits all. `*` stands for any characters. */
      match: z.strictObject({ keys: patterns, tenants: patterns, tiers: patterns }).prefault({}),
    }),
  )
  .max(64)
  .default([]);
