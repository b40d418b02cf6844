import { z } from 'zod';
import { secretFrom } from './values';

export const kafkaConnection = {
  brokers: z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, 'expected host:port')).min(1),
  clientId: z.string().max(256).default('keywatch'),
  tls: z
    .strictObject({
      enabled: z.boolean().default(true),
      caFile: z.string().optional(),
      certFile: z.string().optional(),
      keyFile: z.string().optional(),
      serverName: z.string().optional(),
    })
    .optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
      username: z.string(),
      passwordFrom: secretFrom,
    })
    .optional(),
};
