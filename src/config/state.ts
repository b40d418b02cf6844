import { z } from 'zod';
import { count, duration, topic } from './values';

export const state = z.strictObject({
  dir: z.string().min(1).default('./state'),
  checkpointEvery: duration('60s'),
  /** A busy partition is also checkpointed after so many records: as many at most are read again after a crash. */
  checkpointEveryRecords: count(1_000_000),
  /** Where checkpoints lie: below `dir`, or in a compacted topic on the brokers of the source. */
  checkpoints: z
    .strictObject({ kind: z.enum(['folder', 'kafka']).default('folder'), topic: topic('keywatch-checkpoints') })
    .prefault({}),
  outboxMaxBytes: count(1_073_741_824),
  /** At a first start, what already lies in the log is learned from and not spoken of. */
  learnHistory: z.boolean().default(false),
  /** Incidents that Enforce remembers for the API: at most so many, closed ones for so long after their last document. */
  incidents: z.strictObject({ most: count(10_000, 1_000_000), keep: duration('90d') }).prefault({}),
});
