import { z } from 'zod';
import { cidr, duration, secretFrom } from '../values';

/** An incoming webhook of a chat service; its URL is a secret. */
export const chatOutput = z.strictObject({
  kind: z.literal('chat'),
  style: z.enum(['slack', 'teams']),
  urlFrom: secretFrom,
  links: z
    .strictObject({
      // Placeholders stand behind the host only, so that no id can lead elsewhere.
      incident: z
        .string()
        .max(1_024)
        .regex(
          /^https?:\/\/[^\s{}/?#]+([/?#]([^\s{}]|\{(incident|alert|key)\})*)?$/,
          'expected a URL such as https://siem.example/incidents/{incident}',
        )
        .optional(),
    })
    .prefault({}),
  allowPrivate: z.array(cidr).max(64).default([]),
  allowHttp: z.boolean().default(false),
  timeout: duration('15s'),
});

export type ChatOutput = z.infer<typeof chatOutput>;
