import { z } from 'zod';
import { actions } from './domain/action';
import { facets } from './domain/evidence';
import { formats } from './ingest/formats';

/**
 * The whole configuration, one strict schema: an unknown name is a fault. Every value has a default but where the log is
 * and where a webhook goes. Durations are texts (`90s`, `15m`, `1h`, `7d`) and come out as milliseconds.
 * Secrets are never values: a field `xxxFrom` names an environment variable (`env:NAME`) or a file (`file:/path`).
 */

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const duration = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'expected a duration such as 90s, 15m, 1h or 7d')
    .default(fallback)
    .transform((text) => {
      const unit = text.replace(/^\d+/, '') as keyof typeof units;
      return Number.parseInt(text, 10) * units[unit];
    });

/** Where a secret is read from; the secret itself never stands in the configuration. */
const secretFrom = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    'expected env:NAME or file:/path; the secret itself does not belong here',
  );

const count = (fallback: number, max = Number.MAX_SAFE_INTEGER) => z.number().int().min(1).max(max).default(fallback);
const share = (fallback: number) => z.number().min(0).max(1).default(fallback);
const cidr = z.string().regex(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/, 'expected an address or a CIDR such as 10.0.0.0/8');

export { type Format, formats } from './ingest/formats';

const kafkaConnection = {
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
});

const fileSource = z.strictObject({
  kind: z.literal('file'),
  path: z.string().min(1),
  /** Keep reading as the file grows, and survive its rotation. */
  follow: z.boolean().default(true),
  start: z.enum(['earliest', 'latest']).default('earliest'),
});

const stdinSource = z.strictObject({ kind: z.literal('stdin') });

const ingest = z.strictObject({
  format: z.enum(formats).default('auto'),
  /** Whether the key field of the log holds an id or the raw key. `auto`: an id, unless it looks like a secret. */
  keyIs: z.enum(['auto', 'id', 'secret']).default('auto'),
  /** JSON field that holds the key, for `nginx-json`; header or user field, for `nginx-combined`. */
  keyField: z.string().max(128).optional(),
  pepperFrom: secretFrom.optional(),
  pepperVersion: count(1, 255),
  /** Proxies whose X-Forwarded-For entries are believed, read from the right. */
  trustedProxies: z.array(cidr).max(256).default([]),
  maxRecordBytes: count(1_048_576, 16_777_216),
  deadLettersPerSecond: count(100, 100_000),
});

const detect = z.strictObject({
  /** How far a record's time may run ahead of its broker timestamp, or of the others' times. */
  skew: duration('10m'),
  /** Events later than this behind the watermark are counted and not used. */
  lateness: duration('2h'),
  /** A baseline younger than this is immature: it alerts with low confidence and never suspends. */
  maturity: duration('3d'),
  suspectMax: duration('7d'),
  incidentIdle: duration('6h'),
  maxKeys: count(200_000, 50_000_000),
  detectors: z.record(z.string(), z.strictObject({ enabled: z.boolean().default(true) })).default({}),
});

const condition = z.strictObject({
  tiers: z.array(z.string()).optional(),
  /** Lowest risk, 0–100. */
  risk: z.number().min(0).max(100).default(0),
  /** Lowest confidence, 0–1. */
  confidence: z.number().min(0).max(1).default(0),
  /** How many of place, client, hour and declared limits must carry evidence of at least `surprise`. */
  signs: z.number().int().min(0).max(facets.length).default(0),
  surprise: z.number().min(0).max(20).default(1),
  /** Lowest surprise of who uses the key (facet `actor`): 3.5 is about one key-day in 3,000. */
  actor: z.number().min(0).max(20).default(0),
  /** Facets of which at least one must be among the evidence. */
  facets: z.array(z.enum(facets)).optional(),
  /** Asks for a broken hard rule. */
  rule: z.boolean().optional(),
});

const policyRule = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
  when: condition.prefault({}),
  action: z.enum(actions),
  for: duration('1h'),
});

export const defaultPolicy: readonly z.input<typeof policyRule>[] = [
  {
    name: 'likely-theft',
    when: { risk: 80, confidence: 0.5, signs: 2, surprise: 2, actor: 3.5 },
    action: 'suspend',
    for: '1h',
  },
  { name: 'unusual-use', when: { risk: 60 }, action: 'alert' },
];

const policy = z.strictObject({
  /** First rule that fits decides; none: observe. */
  rules: z
    .array(policyRule)
    .max(64)
    .prefault(defaultPolicy.map((rule) => ({ ...rule }))),
  /** First pattern that fits a key id gives its tier (`*` stands for any characters). */
  tiers: z
    .array(z.strictObject({ match: z.string().max(256), tier: z.string().max(64) }))
    .max(1_000)
    .default([]),
  defaultTier: z.string().max(64).default('standard'),
});

const enforce = z.strictObject({
  /** `dry-run` says what would be done and does nothing. */
  mode: z.enum(['dry-run', 'enforce']).default('dry-run'),
  protectedKeys: z.array(z.string().max(1024)).max(100_000).default([]),
  breaker: z
    .strictObject({
      /** At most this many suspensions in `window`; beyond, all are held until a person resets the breaker. */
      count: count(5, 100_000),
      /** At most this share of the keys seen active in `window`. */
      share: share(0.02),
      window: duration('1h'),
    })
    .prefault({}),
  /** A request decided longer ago than this (event time to wall clock) is held. */
  maxAge: duration('10m'),
  /** A suspension not delivered this long after its acceptance is given up and reported. */
  notAfter: duration('15m'),
  /** Least time between two changes of one key's standing. */
  keyCooldown: duration('1m'),
  webhook: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      secretFrom,
      /** `http:` and private, loopback or link-local addresses are refused unless named here. */
      allowPrivate: z.array(cidr).max(64).default([]),
      allowHttp: z.boolean().default(false),
      timeout: duration('15s'),
    })
    .optional(),
});

const kafkaOutput = z.strictObject({
  kind: z.literal('kafka'),
  ...kafkaConnection,
  topic: z.string().min(1).max(249),
});
const fileOutput = z.strictObject({ kind: z.literal('file'), path: z.string().min(1) });
const consoleOutput = z.strictObject({ kind: z.literal('console'), style: z.enum(['text', 'json']).default('text') });

const output = z.discriminatedUnion('kind', [kafkaOutput, fileOutput, consoleOutput]);

export const configSchema = z.strictObject({
  source: z.discriminatedUnion('kind', [kafkaSource, fileSource, stdinSource]),
  ingest: ingest.prefault({}),
  detect: detect.prefault({}),
  policy: policy.prefault({}),
  enforce: enforce.prefault({}),
  alerts: z
    .array(output)
    .min(1)
    .max(16)
    .default([{ kind: 'console', style: 'text' }]),
  deadLetters: z
    .array(z.discriminatedUnion('kind', [kafkaOutput, fileOutput]))
    .max(4)
    .default([]),
  state: z
    .strictObject({
      dir: z.string().min(1).default('./state'),
      checkpointEvery: duration('60s'),
      outboxMaxBytes: count(1_073_741_824),
    })
    .prefault({}),
  http: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: z.number().int().min(0).max(65_535).default(9464) })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});

export type Config = z.infer<typeof configSchema>;
export type PolicyRule = Config['policy']['rules'][number];
