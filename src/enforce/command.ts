import type { ActionRequest, KeyAction } from '../domain/action';
import type { KeyKind } from '../domain/event';
import type { Evidence } from '../domain/evidence';
import type { CommandKind } from './schedule';
import type { LiveAction } from './state';

/** Largest body that Standard Webhooks 1.0.0 recommends, bytes. */
export const MAX_BODY_BYTES = 20_000;

const MAX_EVIDENCE = 16;
const MAX_TEXT = 400;
const MAX_SENTENCE = 1_000;

/** Cuts without leaving half a character. */
function clip(text: string, max = MAX_TEXT): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 2);
  return `${text.slice(0, last >= 0xd800 && last < 0xdc00 ? max - 2 : max - 1)}…`;
}

const iso = (ms: number) => new Date(ms).toISOString();

const evidenceBody = (evidence: Evidence) => ({
  detector: clip(evidence.detector, 64),
  facet: evidence.facet,
  kind: evidence.kind,
  surprise: evidence.surprise,
  confidence: evidence.confidence,
  saw: clip(evidence.saw),
  expected: clip(evidence.expected),
  since: iso(evidence.since),
});

/** The key id is never cut: half an id would be another key. Ingest bounds it to 1,024 characters. */
const keyBody = (request: ActionRequest) => ({
  id: request.key,
  ...(request.keyKind === undefined ? {} : { id_kind: request.keyKind }),
  name: clip(request.keyName, 256),
  tenant: clip(request.tenant, 256),
  tier: clip(request.tier, 64),
});

const reasonBody = (request: ActionRequest, evidence: readonly Evidence[]) => ({
  sentence: clip(request.reason, MAX_SENTENCE),
  risk: request.risk,
  rule: clip(request.rule, 64),
  incident_id: clip(request.incidentId, 128),
  alert_id: clip(request.alertId, 128),
  decided_at: iso(request.decidedAt),
  ...(request.by === undefined ? {} : { by: clip(request.by, 256) }),
  ...(request.group === undefined ? {} : { group: { id: request.group.id, keys: request.group.keys } }),
  evidence: evidence.map(evidenceBody),
});

/** `webhook-id` of a command: the request's own id, and one derived from it for the release. */
export const commandId = (requestId: string, kind: CommandKind): string =>
  kind === 'act' ? requestId : `${requestId}-release`;

function actBody(live: LiveAction, evidence: readonly Evidence[]) {
  const { request, acceptedAt, until, notAfter } = live;
  return {
    type: `key.${request.action}.requested` as const,
    timestamp: iso(acceptedAt),
    data: {
      action_id: request.id,
      idempotency_key: request.id,
      mode: 'enforce',
      key: keyBody(request),
      action: {
        name: request.action,
        ...(Number.isFinite(until) ? { until: iso(until) } : {}),
        not_after: iso(notAfter),
      },
      reason: reasonBody(request, evidence),
    },
  };
}

const names: Record<KeyAction, string> = {
  'rate-limit': 'rate limit',
  'step-up': 'demand for a further proof',
  suspend: 'suspension',
  revoke: 'revocation',
};

function endSentence({ request, ending }: LiveAction): string {
  const name = names[request.action];
  if (ending?.by !== undefined) return clip(`${ending.by} ended the ${name}: ${ending.detail}`, MAX_SENTENCE);
  return ending?.detail === undefined ? `The ${name} has run its time.` : clip(ending.detail, MAX_SENTENCE);
}

function releaseBody(live: LiveAction) {
  const { request, until } = live;
  const id = commandId(request.id, 'release');
  return {
    type: 'key.release.requested' as const,
    timestamp: iso(until),
    data: {
      action_id: id,
      idempotency_key: id,
      mode: 'enforce',
      /** A receiver should release only what this action did, and leave a person's own suspension alone. */
      releases: request.id,
      key: keyBody(request),
      action: { name: 'release', of: request.action },
      reason: {
        sentence: endSentence(live),
        incident_id: clip(request.incidentId, 128),
        alert_id: clip(request.alertId, 128),
      },
    },
  };
}

/** The command in the shape that the `Enforcer` port takes. */
export interface Command {
  readonly id: string;
  readonly type: `key.${KeyAction}.requested` | 'key.release.requested';
  readonly action: KeyAction | 'release';
  readonly key: string;
  readonly keyKind: KeyKind | undefined;
  readonly keyName: string;
  readonly tenant: string;
  readonly until: number | undefined;
  readonly notAfter: number | undefined;
  readonly releases: { readonly id: string; readonly action: KeyAction } | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * The command of an action or its release. Built from the ledger's content alone, so every attempt, before and after a
 * restart, sends the same bytes under the same id. Evidence is left out, least surprising first, until the body fits
 * `MAX_BODY_BYTES`. Body: Standard Webhooks' `type`, `timestamp` (RFC 3339), `data`.
 */
export function commandOf(live: LiveAction, kind: CommandKind): Command {
  const { request, until, notAfter } = live;
  const { action, key, keyKind, keyName, tenant } = request;
  const about = { id: commandId(request.id, kind), key, keyKind, keyName, tenant };
  if (kind === 'release') {
    const body = releaseBody(live);
    const releases = { id: request.id, action };
    return { ...about, type: body.type, action: 'release', until: undefined, notAfter: undefined, releases, body };
  }
  const ends = Number.isFinite(until) ? until : undefined;
  const fields = { ...about, action, until: ends, notAfter, releases: undefined };
  const ranked = [...request.evidence].sort(
    (a, b) => Number(b.kind === 'rule') - Number(a.kind === 'rule') || b.surprise - a.surprise,
  );
  for (let kept = Math.min(ranked.length, MAX_EVIDENCE); ; kept -= 1) {
    const body = actBody(live, ranked.slice(0, kept));
    if (kept <= 0 || Buffer.byteLength(JSON.stringify(body)) < MAX_BODY_BYTES) {
      return { ...fields, type: body.type, body };
    }
  }
}
