import { z } from 'zod';
import { count, topic } from './values';

/** Halves of the work that a process can have. */
export const roles = ['ingest', 'detect'] as const;
export type Role = (typeof roles)[number];

/** The internal log: a topic, keyed by key id, between Ingest and Detect. Without this section the source's topic is the log. */
export const internalLog = z.strictObject({
  topic: topic('keywatch-log'),
  partitions: count(12, 4_096),
  /** Consumer group of Detect; that of Ingest is the source's. */
  group: z.string().min(1).max(255).default('keywatch-detect'),
  /** To be raised when the source's topic was created anew: its offsets then begin again. */
  generation: count(1, 65_535),
  roles: z
    .array(z.enum(roles))
    .min(1)
    .default([...roles]),
});

export type InternalLogConfig = z.infer<typeof internalLog>;
