import { z } from 'zod';
import { duration } from './values';

/** What is declared of the keys: owner, tier, limits, predecessor. */
export const inventory = z.strictObject({
  /** `.yaml`, `.json`, `.csv` or `.ndjson`. */
  path: z.string().min(1),
  /** How often a change of the file is looked for. */
  reload: duration('30s'),
  /** Routes by scope: what a key with that scope may call. */
  scopes: z.record(z.string(), z.array(z.string().min(1).max(512)).max(256)).default({}),
});
