import { z } from 'zod';
import { addressLists } from './address-lists';
import { alerting } from './alerting';
import { api } from './api';
import { audit } from './audit';
import { canary } from './canary';
import { detect } from './detect';
import { enforce } from './enforce';
import { inbound, leaks } from './inbound';
import { ingest } from './ingest';
import { inventory } from './inventory';
import { deadLetterOutput, output } from './outputs';
import { owner } from './owner';
import { policy } from './policy';
import { privacy } from './privacy';
import { maintenance } from './routing';
import { source } from './source';
import { state } from './state';

export { type Format, formats } from '../ingest/formats';
export { defaultPolicy } from './policy';

/**
 * The whole configuration, one strict schema: an unknown name is a fault. Every value has a default but where the log is
 * and where a webhook goes. Durations are texts (`90s`, `15m`, `1h`, `7d`) and come out as milliseconds.
 * Secrets are never values: a field `xxxFrom` names an environment variable (`env:NAME`) or a file (`file:/path`).
 */

export const configSchema = z.strictObject({
  source,
  ingest: ingest.prefault({}),
  privacy: privacy.prefault({}),
  inventory: inventory.optional(),
  addressLists,
  detect: detect.prefault({}),
  policy: policy.prefault({}),
  enforce: enforce.prefault({}),
  audit: audit.prefault({}),
  canary: canary.optional(),
  alerting: alerting.prefault({}),
  alerts: z
    .array(output)
    .min(1)
    .max(16)
    .prefault([{ kind: 'console', style: 'text' }]),
  maintenance,
  deadLetters: z.array(deadLetterOutput).max(4).default([]),
  state: state.prefault({}),
  http: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535).default(9464) })
    .prefault({}),
  api: api.optional(),
  inbound: inbound.optional(),
  leaks: leaks.optional(),
  owner: owner.optional(),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type Config = z.infer<typeof configSchema>;
export type PolicyRule = Config['policy']['rules'][number];
