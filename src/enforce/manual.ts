import { createHash } from 'node:crypto';
import type { ActionRequest, Outcome } from '../domain/action';
import type { ManualAction } from '../domain/standing';
import { type EnforceState, recordOf } from './state';

const MAX_BY = 256;
const MAX_REASON = 1_000;

const idOf = (...cause: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(cause)).digest('base64url').slice(0, 22);

/** A person's request. `once` sets calls without an idempotency key apart. Times in milliseconds, wall clock. */
export function manualRequest(about: ManualAction, now: number, once: string): ActionRequest {
  const { key, by, reason, durationMs, action = 'suspend', idempotency } = about;
  return {
    id: idOf('manual', action, key, by, idempotency ?? `once ${now} ${once}`),
    action,
    key,
    keyKind: about.keyKind,
    keyName: about.keyName ?? '',
    tenant: about.tenant ?? '',
    tier: about.tier ?? '',
    partition: -1,
    decidedAt: now,
    durationMs,
    incidentId: about.incidentId ?? '',
    alertId: about.alertId ?? '',
    rule: 'by-hand',
    risk: 0,
    reason: reason.slice(0, MAX_REASON),
    evidence: [],
    by: by.slice(0, MAX_BY),
  };
}

/**
 * What a person's release of a key brings about: the end of each of its live actions; where there is none, a line that
 * keeps older requests from acting. Undefined where only a revocation holds, which cannot be taken back.
 */
export function manualRelease(
  state: EnforceState,
  about: { readonly key: string; readonly by: string; readonly reason: string },
  now: number,
): readonly Outcome[] | undefined {
  const { key } = about;
  const by = about.by.slice(0, MAX_BY);
  const detail = about.reason.slice(0, MAX_REASON);
  const record = recordOf(state, key);
  const live = record.live.filter(({ stage, request }) => stage !== 'release-due' && request.action !== 'revoke');
  if (live.length > 0) {
    return live.map(({ request }) => ({ requestId: request.id, state: 'release-due', at: now, by, detail }));
  }
  if (record.revoked !== undefined || record.live.some(({ request }) => request.action === 'revoke')) return undefined;
  return [{ requestId: idOf('release', key, by, String(now)), state: 'released', at: now, by, detail, key }];
}
