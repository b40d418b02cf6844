import type { ActionRequest } from '../domain/action';
import type { Evidence } from '../domain/evidence';
import type { CommandKind } from './schedule';
import type { Suspension } from './state';

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
  evidence: evidence.map(evidenceBody),
});

/** `webhook-id` of a command: the request's own id, and one derived from it for the release. */
export const commandId = (requestId: string, kind: CommandKind): string =>
  kind === 'suspend' ? requestId : `${requestId}-release`;

function suspendBody(suspension: Suspension, evidence: readonly Evidence[]) {
  const { request, acceptedAt, until, notAfter } = suspension;
  return {
    type: 'key.suspend.requested' as const,
    timestamp: iso(acceptedAt),
    data: {
      action_id: request.id,
      idempotency_key: request.id,
      mode: 'enforce',
      key: keyBody(request),
      action: { name: 'suspend', until: iso(until), not_after: iso(notAfter) },
      reason: reasonBody(request, evidence),
    },
  };
}

function releaseBody(suspension: Suspension) {
  const { request, until } = suspension;
  const id = commandId(request.id, 'release');
  return {
    type: 'key.release.requested' as const,
    timestamp: iso(until),
    data: {
      action_id: id,
      idempotency_key: id,
      mode: 'enforce',
      /** A receiver should release only what this action suspended, and leave a person's own suspension alone. */
      releases: request.id,
      key: keyBody(request),
      action: { name: 'release' },
      reason: {
        sentence: 'The suspension has run its time.',
        incident_id: clip(request.incidentId, 128),
        alert_id: clip(request.alertId, 128),
      },
    },
  };
}

/** The command in the shape that the `Enforcer` port takes. */
export interface Command {
  readonly id: string;
  readonly type: 'key.suspend.requested' | 'key.release.requested';
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * The command of a suspension or its release. Built from the ledger's content alone, so every attempt, before and
 * after a restart, sends the same bytes under the same id. Evidence is left out, least surprising first, until the
 * body fits `MAX_BODY_BYTES`. Body: Standard Webhooks' `type`, `timestamp` (RFC 3339), `data`.
 */
export function commandOf(suspension: Suspension, kind: CommandKind): Command {
  const id = commandId(suspension.request.id, kind);
  if (kind === 'release') {
    const body = releaseBody(suspension);
    return { id, type: body.type, body };
  }
  const ranked = [...suspension.request.evidence].sort(
    (a, b) => Number(b.kind === 'rule') - Number(a.kind === 'rule') || b.surprise - a.surprise,
  );
  for (let kept = Math.min(ranked.length, MAX_EVIDENCE); ; kept -= 1) {
    const body = suspendBody(suspension, ranked.slice(0, kept));
    if (kept <= 0 || Buffer.byteLength(JSON.stringify(body)) < MAX_BODY_BYTES) return { id, type: body.type, body };
  }
}
