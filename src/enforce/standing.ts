import type { KeyAction } from '../domain/action';
import type { KeyStanding, Standing, StandingState } from '../domain/standing';
import { type KeyRecord, lastChange, strongest } from './key';
import { type EnforceSettings, RAISED_MS } from './settings';
import { type EnforceState, liveActions, recordOf } from './state';

const stateOfAction: Record<KeyAction, StandingState> = {
  'rate-limit': 'rate-limited',
  'step-up': 'stepped-up',
  suspend: 'suspended',
  revoke: 'revoked',
};

type Limits = Pick<EnforceSettings, 'keyCooldownMs' | 'repeat'>;

/** Strikes that still count at `now`. */
export const strikesOf = (record: KeyRecord, now: number, windowMs: number): number =>
  record.strikes.filter((at) => at > now - windowMs).length;

function standingOfRecord(record: KeyRecord, now: number, { keyCooldownMs, repeat }: Limits): Standing {
  const strikes = strikesOf(record, now, repeat.windowMs);
  const live = strongest(record);
  if (live !== undefined) {
    const { request, stage, acceptedAt, until, witnessed } = live;
    return {
      state: stateOfAction[request.action],
      since: acceptedAt,
      until: Number.isFinite(until) ? until : undefined,
      incidentId: request.incidentId || undefined,
      action: request.action,
      requestId: request.id,
      stage: witnessed ?? stage,
      by: request.by,
      strikes,
    };
  }
  const releasing = record.live.at(-1);
  if (releasing !== undefined) {
    const { request, until, ending } = releasing;
    const { id: requestId, action, incidentId } = request;
    const by = ending?.by;
    return { state: 'releasing', since: until, incidentId, action, requestId, stage: 'release-due', by, strikes };
  }
  if (record.revoked !== undefined) {
    const { at, request } = record.revoked;
    return { state: 'revoked', since: at, action: 'revoke', requestId: request.id, by: request.by, strikes };
  }
  const changed = lastChange(record);
  if (now - changed < keyCooldownMs) {
    return { state: 'cooling', since: changed, until: changed + keyCooldownMs, by: record.released?.by, strikes };
  }
  const { raised } = record;
  if (raised !== undefined && now - raised.at < RAISED_MS) {
    const { at, incidentId, rail } = raised;
    return { state: 'raised', since: at, until: at + RAISED_MS, incidentId, rail, strikes };
  }
  return { state: 'quiet', strikes };
}

export const standingOf = (state: EnforceState, key: string, now: number, limits: Limits): Standing =>
  standingOfRecord(recordOf(state, key), now, limits);

/** Keys that are not quiet, the newest change first. */
export function standingsOf(state: EnforceState, now: number, limits: Limits, most: number): readonly KeyStanding[] {
  const found: KeyStanding[] = [];
  for (const [key, record] of [...state.keys].reverse()) {
    if (found.length >= most) break;
    const standing = standingOfRecord(record, now, limits);
    if (standing.state !== 'quiet') found.push({ key, keyName: record.keyName, tenant: record.tenant, ...standing });
  }
  return found;
}

/** Keys on which an action holds, as far as the receiver acknowledged it. */
export function suspendedKeys(state: EnforceState): number {
  const keys = new Set<string>();
  for (const { request, stage } of liveActions(state)) if (stage !== 'accepted') keys.add(request.key);
  return keys.size;
}
