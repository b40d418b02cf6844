import { z } from 'zod';
import { kafkaConnection } from './kafka';
import { internalLog } from './log';
import { duration } from './values';

const kafkaSource = z.strictObject({
  kind: z.literal('kafka'),
  ...kafkaConnection,
  topic: z.string().min(1).max(249),
  group: z.string().min(1).max(255).default('keywatch'),
  /** Where a group without committed offsets begins. */
  start: z
    .union([z.enum(['earliest', 'latest']), z.iso.datetime({ offset: true })])
    .default('latest')
    .describe('earliest, latest, or an RFC 3339 time'),
  sessionTimeout: duration('10s'),
  log: internalLog.optional(),
});

const fileSource = z.strictObject({
  kind: z.literal('file'),
  path: z.string().min(1),
  /** Keep reading as the file grows, and survive its rotation. */
  follow: z.boolean().default(true),
  start: z.enum(['earliest', 'latest']).default('earliest'),
});

const stdinSource = z.strictObject({ kind: z.literal('stdin') });

export const source = z.discriminatedUnion('kind', [kafkaSource, fileSource, stdinSource]);
