import { z } from 'zod';
import { cidr, duration, secretFrom } from '../values';
import { documentFormat } from './format';

/** A receiver of CloudEvents. */
export const webhookOutput = z.strictObject({
  kind: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/ }),
  format: documentFormat,
  /** `ce-source` of the events. */
  source: z.string().min(1).max(255).default('keywatch'),
  tokenFrom: secretFrom.optional(),
  secretFrom: secretFrom.optional(),
  allowPrivate: z.array(cidr).max(64).default([]),
  allowHttp: z.boolean().default(false),
  timeout: duration('15s'),
});

export type WebhookOutput = z.infer<typeof webhookOutput>;
