import { z } from 'zod';

/** Lists of addresses that count against a newcomer: one address or CIDR a line. */
export const addressLists = z
  .array(
    z.strictObject({
      /** Named in alerts. */
      name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
      path: z.string().min(1),
      /** True: an address on it that is new to the key is a broken rule. */
      rule: z.boolean().default(false),
    }),
  )
  .max(16)
  .default([]);
