import { z } from 'zod';
import { actions } from './action';
import { baselineSummary } from './baseline';
import { facets } from './evidence';

/** Version of the Elastic Common Schema that the documents keep to. */
export const ECS_VERSION = '8.17.0';

const isoTime = z.iso.datetime();
const places = z.object({ country_iso_code: z.string().length(2) }).partial();

const evidenceDocument = z.object({
  detector: z.string(),
  facet: z.enum(facets),
  kind: z.enum(['statistical', 'rule']),
  surprise: z.number().min(0).describe('−log10 of the chance on one benign key-day; 0 for a rule.'),
  confidence: z.number().min(0).max(1),
  saw: z.string(),
  expected: z.string(),
  since: isoTime.describe('Start of the past that was compared with.'),
  risk_without: z.number().min(0).max(100).optional().describe('What event.risk_score would be without this piece.'),
  tags: z.array(z.string()).max(16).optional().describe('Ids of ATT&CK techniques and OWASP API risks.'),
  muted: z.literal(true).optional().describe('Shown and not counted: a person muted this facet on this key.'),
});

/** Ids and names at the same places. */
const named = { id: z.array(z.string()), name: z.array(z.string()) };

/**
 * An alert, an update of an incident, or a notice about keywatch itself, as an ECS 8.17 document.
 * `event.kind` is `alert` when an incident opens or its severity rises, and in a summary that stands for such documents;
 * `event` for everything else.
 * A notice about keywatch carries no `user`. Published as `schemas/alert.schema.json`.
 */
export const alertDocument = z.object({
  '@timestamp': isoTime.describe('Event time at which the decision fell, in replay too.'),
  ecs: z.object({ version: z.literal(ECS_VERSION) }),
  message: z.string().describe('Short, stable title.'),
  event: z.object({
    id: z.string().describe('Derived from the cause: the same alert has the same id in every run.'),
    kind: z.enum(['alert', 'event']),
    category: z.array(z.enum(['api', 'intrusion_detection', 'iam', 'configuration'])),
    type: z.array(z.enum(['info', 'denied', 'change'])),
    action: z.string().optional(),
    outcome: z.enum(['success', 'failure', 'unknown']).optional(),
    module: z.literal('keywatch'),
    dataset: z.literal('keywatch.alert'),
    start: isoTime.optional(),
    end: isoTime.optional(),
    risk_score: z.number().min(0).max(100),
    severity: z.union([z.literal(21), z.literal(47), z.literal(73), z.literal(99)]),
    reason: z.string().describe('One sentence.'),
    sequence: z.number().int().min(0),
  }),
  user: z.object({ id: z.string(), name: z.string() }).optional(),
  organization: z.object({ id: z.string() }).optional(),
  source: z
    .object({ ip: z.string(), geo: places, as: z.object({ number: z.number().int() }) })
    .partial()
    .optional(),
  user_agent: z.object({ original: z.string() }).optional(),
  threat: z
    .object({
      framework: z.literal('MITRE ATT&CK'),
      tactic: z.object(named),
      technique: z.object({ ...named, subtechnique: z.object(named).optional() }),
    })
    .optional()
    .describe(
      'ATT&CK tactics and techniques that the evidence points to; keywatch.attack_version says of which version.',
    ),
  rule: z.object({ name: z.string(), ruleset: z.string() }).partial().optional(),
  related: z
    .object({ ip: z.array(z.string()), user: z.array(z.string()) })
    .partial()
    .optional(),
  keywatch: z.object({
    mode: z.enum(['dry-run', 'enforce']),
    action: z.enum(actions),
    actor: z.string().optional().describe('Stable hash of who uses the key: near network and client family together.'),
    group: z
      .object({ id: z.string(), keys: z.number().int().min(2), alert: z.string() })
      .optional()
      .describe('The same actor on several keys: how many by now, and event.id of the first alert.'),
    incident: z
      .object({ id: z.string(), state: z.enum(['open', 'updated', 'closed']), requests: z.number().int().min(0) })
      .optional(),
    request: z
      .object({ id: z.string(), state: z.string(), rail: z.string().optional(), detail: z.string().optional() })
      .optional(),
    evidence: z.array(evidenceDocument),
    confidence: z.number().min(0).max(1).optional(),
    baseline: baselineSummary.optional(),
    mutes: z
      .array(z.object({ facet: z.enum(facets), until: isoTime, by: z.string() }))
      .max(8)
      .optional()
      .describe('Facets of this key that count for nothing at present, and who said so.'),
    attack_version: z.string().optional().describe('Version of MITRE ATT&CK that the ids are of.'),
    owasp: z
      .array(z.string())
      .max(16)
      .optional()
      .describe('Risks of the OWASP API Security Top 10, such as API2:2023.'),
    source_hash: z
      .array(z.string())
      .max(16)
      .optional()
      .describe('Keyed hashes in place of the addresses, the latest last, where privacy.addresses is hash.'),
    still_used_by: z
      .array(
        z.object({
          network: z.string(),
          client: z.string(),
          requests: z.number().int().min(1),
          last: isoTime,
          suspect: z.literal(true).optional().describe('The actor of this incident.'),
        }),
      )
      .max(16)
      .optional()
      .describe('Clients that used the key after it was suspended or revoked for this incident, the busiest first.'),
    muted: z
      .string()
      .optional()
      .describe('Name of the maintenance window that made an alert of this document an event.'),
    held_back: z
      .object({
        by: z.enum(['rate-limit', 'maintenance']),
        window: z.string().optional(),
        documents: z.number().int().min(1),
        keys: z.number().int().min(0),
      })
      .optional()
      .describe('Only in a summary: what one output was not told, see docs/siem.md.'),
    audit: z
      .object({
        chain: z.string(),
        start: z.number().int().min(0),
        sequence: z.number().int().min(0),
        hash: z.string(),
        every: z.number().int().min(1),
        at: isoTime,
        key: z.string(),
        signature: z.string(),
      })
      .optional()
      .describe('Only in the notice audit-head: a signed head of the audit log, see docs/audit.md.'),
    canary: z.literal(true).optional().describe('About the canary key, which is stolen on purpose.'),
    test: z.literal(true).optional().describe('Written by keywatch test-alert: means nothing.'),
  }),
});

export type AlertDocument = z.infer<typeof alertDocument>;

/** ECS severities that Elastic's External Alerts rule maps exactly: low, medium, high, critical. */
export type Severity = 21 | 47 | 73 | 99;

/** Their names, mildest first. */
export const severityNames = ['low', 'medium', 'high', 'critical'] as const;
export type SeverityName = (typeof severityNames)[number];
export const severityOfName: Readonly<Record<SeverityName, Severity>> = { low: 21, medium: 47, high: 73, critical: 99 };

/** The three kinds of document that come in one stream (docs/alerts.md). */
export const documentKinds = ['alert', 'update', 'notice'] as const;
export type DocumentKind = (typeof documentKinds)[number];

export function kindOf(document: AlertDocument): DocumentKind {
  if (document.event.kind === 'alert') return 'alert';
  return document.keywatch.incident === undefined ? 'notice' : 'update';
}
