import { z } from 'zod';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export const duration = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'expected a duration such as 90s, 15m, 1h or 7d')
    .default(fallback)
    .transform((text) => {
      const unit = text.replace(/^\d+/, '') as keyof typeof units;
      return Number.parseInt(text, 10) * units[unit];
    });

/** Where a secret is read from; the secret itself never stands in the configuration. */
export const secretFrom = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    'expected env:NAME or file:/path; the secret itself does not belong here',
  );

export const count = (fallback: number, max = Number.MAX_SAFE_INTEGER) =>
  z.number().int().min(1).max(max).default(fallback);
export const share = (fallback: number) => z.number().min(0).max(1).default(fallback);
export const cidr = z
  .string()
  .regex(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/, 'expected an address or a CIDR such as 10.0.0.0/8');

/** Name of a Kafka topic (org.apache.kafka.common.internals.Topic). */
export const topic = (fallback: string) =>
  z
    .string()
    .max(249)
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]+$/, 'expected a topic name: letters, digits, dots, underscores and dashes')
    .default(fallback);

/** Names by which a listener may be addressed, besides its own address: who was led here by a foreign name is refused. */
export const hostNames = z
  .array(z.string().regex(/^[A-Za-z0-9.-]{1,253}$/, 'expected a host name without a port'))
  .max(16)
  .default([]);

/** Certificate and key of a listener, PEM. */
export const listenerTls = z.strictObject({ certFrom: secretFrom, keyFrom: secretFrom }).optional();
