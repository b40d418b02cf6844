import { z } from 'zod';
import { duration } from './values';

/** A made-up key that is stolen on purpose now and then: the theft must be caught, or detection is broken. */
export const canary = z.strictObject({
  /** Id of a key that no customer has. */
  key: z.string().min(1).max(1024),
  every: duration('24h'),
  /** `event`: what is alerted about the key goes out as an event marked `keywatch.canary`; `none`: it stays inside. */
  outputs: z.enum(['event', 'none']).default('event'),
});
