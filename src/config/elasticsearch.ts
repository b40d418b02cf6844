import { z } from 'zod';
import { count, duration, secretFrom } from './values';

/** Where alerts lie in Elasticsearch: `logs-keywatch.alert-<namespace>`. */
export const elasticsearchOutput = z.strictObject({
  kind: z.literal('elasticsearch'),
  nodes: z
    .array(z.url({ protocol: /^https?$/ }))
    .min(1)
    .max(32),
  // A data stream's namespace has no dash and none of the characters that an index name may not have.
  namespace: z
    .string()
    .max(100)
    .regex(/^[a-z0-9][a-z0-9_.]*$/, 'expected lower-case letters, digits, _ and . (no dash)')
    .default('default'),
  apiKeyFrom: secretFrom.optional(),
  basic: z.strictObject({ username: z.string().min(1), passwordFrom: secretFrom }).optional(),
  tls: z
    .strictObject({
      caFile: z.string().min(1).optional(),
      caFingerprint: z
        .string()
        .regex(/^([0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/, 'expected the SHA-256 of a certificate: 64 hexadecimal digits')
        .optional(),
    })
    .optional(),
  allowHttp: z.boolean().default(false),
  requestTimeout: duration('30s'),
  maxBatchBytes: count(4_194_304, 104_857_600),
  retention: duration('90d'),
  ilmPolicy: z.string().min(1).max(255).optional(),
});

export type ElasticsearchOutput = z.infer<typeof elasticsearchOutput>;
