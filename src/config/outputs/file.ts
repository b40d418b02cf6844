import { z } from 'zod';
import { count } from '../values';
import { documentFormat } from './format';

/** A file of alerts, and what keywatch itself may rotate of it. */
export const alertFileOutput = z.strictObject({
  kind: z.literal('file'),
  path: z.string().min(1),
  format: documentFormat,
  rotate: z
    .strictObject({
      /** The file is moved away before it would exceed this. */
      maxBytes: count(104_857_600),
      /** So many are kept beside the current one. */
      files: z.number().int().min(0).max(1_000).default(9),
    })
    .optional(),
});

export type AlertFileOutput = z.infer<typeof alertFileOutput>;
