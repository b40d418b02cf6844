import { z } from 'zod';
import { duration } from '../values';

const facilities = [
  'user',
  'auth',
  'authpriv',
  'audit',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const;

/** CEF in syslog messages by RFC 5424. */
export const syslogOutput = z.strictObject({
  kind: z.literal('syslog'),
  protocol: z.enum(['tls', 'tcp', 'udp']).default('tls'),
  host: z.string().min(1).max(255),
  /** 6514 for TLS, 514 for TCP and UDP where it is left out. */
  port: z.number().int().min(1).max(65_535).optional(),
  facility: z.enum(facilities).default('local0'),
  /** HOSTNAME of the messages; this machine's name where it is left out. */
  hostname: z.string().min(1).max(255).optional(),
  /** Longest message; 8,192 for TLS and TCP, 2,048 for UDP where it is left out. */
  maxBytes: z.number().int().min(640).max(65_000).optional(),
  tls: z
    .strictObject({
      caFile: z.string().min(1).optional(),
      certFile: z.string().min(1).optional(),
      keyFile: z.string().min(1).optional(),
      serverName: z.string().min(1).optional(),
    })
    .optional(),
  timeout: duration('15s'),
});

export type SyslogOutput = z.infer<typeof syslogOutput>;
