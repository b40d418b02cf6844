import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type AlertDocument, ECS_VERSION, type Severity, severityNames, severityOfName } from '../../domain/alert';

/** Keys that a tally tells apart; of more it only knows that there are. */
const MAX_KEYS = 200;
const SHOWN_KEYS = 5;
const RELATED_KEYS = 10;

const severity = z.union([z.literal(21), z.literal(47), z.literal(73), z.literal(99)]);

/** What one output was not told, until its summary is due. Times are milliseconds; `from` and `to` are event times. */
export const tallySchema = z.object({
  by: z.enum(['rate-limit', 'maintenance']),
  /** Name of the maintenance window; '' for the rate limit. */
  window: z.string(),
  /** For a rate limit: what it was, in words. */
  limit: z.string(),
  dueAt: z.number(),
  firstId: z.string(),
  from: z.number(),
  to: z.number(),
  documents: z.number().int(),
  alerts: z.number().int(),
  severity,
  risk: z.number(),
  mode: z.enum(['dry-run', 'enforce']),
  keys: z.array(z.object({ id: z.string(), name: z.string(), severity })).max(MAX_KEYS),
});
export type Tally = z.infer<typeof tallySchema>;

/** A tally with one document more; the first one of a kind where there is none yet. */
export function count(
  tally: Tally | undefined,
  document: AlertDocument,
  cause: Pick<Tally, 'by' | 'window' | 'limit' | 'dueAt'>,
): Tally {
  const { event, keywatch } = document;
  const at = Date.parse(document['@timestamp']);
  const before = tally ?? {
    ...cause,
    firstId: event.id,
    from: at,
    to: at,
    documents: 0,
    alerts: 0,
    severity: event.severity,
    risk: 0,
    mode: keywatch.mode,
    keys: [],
  };
  return {
    ...before,
    dueAt: Math.max(before.dueAt, cause.by === 'maintenance' ? cause.dueAt : 0),
    from: Math.min(before.from, at),
    to: Math.max(before.to, at),
    documents: before.documents + 1,
    alerts: before.alerts + (event.kind === 'alert' ? 1 : 0),
    severity: worse(before.severity, event.severity),
    risk: Math.max(before.risk, event.risk_score),
    keys: withKey(before.keys, document),
  };
}

/** Muted updates alone are no news; what a limit held back always is. */
export const speaks = (tally: Tally): boolean => tally.by === 'rate-limit' || tally.alerts > 0;

/**
 * The document that stands for a tally; written again after a crash it is the same. `event.id` follows from the output's
 * name, the cause and the first document counted, all else from the documents, the limit and the time at which it was due.
 */
export function summaryOf(tally: Tally, output: string): AlertDocument {
  const worst = [...tally.keys].sort((a, b) => b.severity - a.severity || (a.id < b.id ? -1 : 1));
  const maintenance = tally.by === 'maintenance';
  return {
    '@timestamp': iso(tally.dueAt),
    ecs: { version: ECS_VERSION },
    message: maintenance ? 'Alerts muted by maintenance' : 'Documents held back',
    event: {
      id: createHash('sha256')
        .update(JSON.stringify(['summary', output, tally.by, tally.window, tally.firstId]))
        .digest('base64url')
        .slice(0, 22),
      kind: tally.alerts > 0 ? 'alert' : 'event',
      category: ['api', 'intrusion_detection'],
      type: ['info'],
      action: maintenance ? 'alerts-muted' : 'documents-held-back',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      start: iso(tally.from),
      end: iso(tally.to),
      risk_score: tally.risk,
      severity: tally.severity,
      reason: reasonOf(tally, worst),
      sequence: 0,
    },
    ...(worst.length === 0 ? {} : { related: { user: worst.slice(0, RELATED_KEYS).map(({ id }) => id) } }),
    keywatch: {
      mode: tally.mode,
      action: 'observe',
      held_back: {
        by: tally.by,
        ...(maintenance ? { window: tally.window } : {}),
        documents: tally.documents,
        keys: tally.keys.length,
      },
      evidence: [],
    },
  };
}

function reasonOf(tally: Tally, worst: Tally['keys']): string {
  const many = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  const full = tally.keys.length === MAX_KEYS;
  const ofKeys = `${full ? 'at least ' : ''}${many(tally.keys.length, 'key')}`;
  const times = `from ${minuteText(tally.from)} to ${minuteText(tally.to)}`;
  const shown = worst.slice(0, SHOWN_KEYS).map(({ name, severity: s }) => `${name} (${nameOf(s)})`);
  const more = worst.length > SHOWN_KEYS ? ` and ${worst.length - SHOWN_KEYS} more` : '';
  const keys = shown.length === 0 ? '' : `; worst: ${shown.join(', ')}${more}`;
  const were = tally.documents === 1 ? 'was' : 'were';
  const cause =
    tally.by === 'maintenance'
      ? `${were} muted by the maintenance window ${tally.window}; ${many(tally.alerts, 'alert')} among them`
      : `${were} held back by the limit of ${tally.limit}`;
  return `${many(tally.documents, 'document')} of ${ofKeys} ${cause}, ${times}${keys}.`;
}

function withKey(keys: Tally['keys'], document: AlertDocument): Tally['keys'] {
  const id = document.user?.id ?? document.related?.user?.[0];
  if (id === undefined) return keys;
  const { severity: seen } = document.event;
  const at = keys.findIndex((key) => key.id === id);
  if (at >= 0) return keys[at].severity >= seen ? keys : keys.with(at, { ...keys[at], severity: seen });
  const name = [...(document.user?.name ?? id)].slice(0, 64).join('');
  return keys.length < MAX_KEYS ? [...keys, { id: id.slice(0, 256), name, severity: seen }] : keys;
}

const worse = (a: Severity, b: Severity): Severity => (a > b ? a : b);
const nameOf = (value: Severity) => severityNames.find((name) => severityOfName[name] === value) ?? 'low';
const iso = (ms: number) => new Date(ms).toISOString();
const minuteText = (ms: number) => `${iso(ms).slice(0, 16)}Z`;
