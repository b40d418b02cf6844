import { z } from 'zod';
import { duration, secretFrom } from '../values';

/** Splunk's HTTP Event Collector. */
export const splunkOutput = z.strictObject({
  kind: z.literal('splunk'),
  /** Of the collector, without its path: `https://splunk.example:8088`. */
  url: z.url({ protocol: /^https?$/ }),
  tokenFrom: secretFrom,
  index: z.string().min(1).max(255).optional(),
  source: z.string().min(1).max(255).default('keywatch'),
  sourcetype: z.string().min(1).max(255).default('keywatch:alert'),
  /** Host field of the events; this machine's name where it is left out. */
  host: z.string().min(1).max(255).optional(),
  /** Wait until the indexers have the events; the token must have indexer acknowledgement on. */
  acknowledge: z.boolean().default(false),
  /** Without acknowledgement for so long, events are sent again. */
  ackTimeout: duration('5m'),
  tls: z.strictObject({ caFile: z.string().min(1) }).optional(),
  allowHttp: z.boolean().default(false),
  timeout: duration('15s'),
});

export type SplunkOutput = z.infer<typeof splunkOutput>;
