import type { Outcome } from '../../domain/action';
import type { AuditEntry } from '../../domain/audit';
import type { LiveAction } from '../../enforce/key';
import { noticesOf } from '../../enforce/notice';
import { endedLately } from '../../enforce/resume';
import { retrySchedule } from '../../enforce/schedule';
import type { EnforceSettings } from '../../enforce/settings';
import { suspendedKeys } from '../../enforce/standing';
import { applyOutcomes, type EnforceState, liveActions, recordOf, replayLedger } from '../../enforce/state';
import { createTurns } from '../turns';
import type { EnforcementOptions } from './types';

/** Enforce's memory and the one way to change it. */
export interface Desk {
  state(): EnforceState;
  /** For what is not durable. */
  update(change: (state: EnforceState) => EnforceState): void;
  /** Runs tasks one after the other; `commit` belongs into one. */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
  /**
   * Notices durable, audited, in the ledger, taken in, told: in this order. Rejects where one fails, with nothing taken
   * in; what was durable by then comes again with the same ids.
   */
  commit(outcomes: readonly Outcome[]): Promise<void>;
  /** For what has happened and cannot be undone by a full disk: again and again, until it is durable or `stopping`. */
  commitAtLast(outcome: Outcome): Promise<void>;
  liveOf(requestId: string): LiveAction | undefined;
  /** Why outcomes cannot be recorded at present. */
  fault(): string | undefined;
}

const kindOf = ({ state }: Outcome): AuditEntry['kind'] => {
  if (state === 'breaker-reset') return 'breaker';
  return state === 'release-due' || state === 'released' || state === 'release-undelivered' ? 'release' : 'action';
};

function auditOf(outcome: Outcome, live: LiveAction | undefined): AuditEntry {
  const request = outcome.request ?? live?.request;
  return {
    kind: kindOf(outcome),
    by: outcome.by ?? request?.by ?? 'keywatch',
    subject: request?.key ?? outcome.key ?? '',
    detail: {
      state: outcome.state,
      action: request?.action,
      request: outcome.requestId,
      rail: outcome.rail,
      rule: request?.rule || undefined,
      incident: request?.incidentId || undefined,
      tenant: outcome.tenant ?? (request?.tenant || undefined),
      detail: outcome.detail,
      until: outcome.until === undefined ? undefined : new Date(outcome.until).toISOString(),
    },
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'unknown fault');

export async function openDesk(
  options: EnforcementOptions,
  settings: EnforceSettings,
  stopping: AbortSignal,
  changed: () => void,
): Promise<Desk> {
  const { ledger, telemetry, audit, clock, random } = options;
  const before = await ledger.load();
  let state = replayLedger(before);
  let fault: string | undefined;
  const inTurn = createTurns();

  const report = () => {
    const { fleet, tenants } = state.circuits;
    telemetry.breakerOpen(fleet.breaker.open || [...tenants.values()].some(({ breaker }) => breaker.open));
    telemetry.suspended(suspendedKeys(state));
  };

  const liveOf = (id: string) =>
    recordOf(state, state.live.get(id) ?? '').live.find(({ request }) => request.id === id);

  async function commit(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    const documents = noticesOf(state, outcomes, settings.mode);
    if (documents.length > 0) await options.notices(documents);
    const requests = outcomes.map((outcome) => outcome.request ?? liveOf(outcome.requestId)?.request);
    for (const outcome of outcomes) {
      if (outcome.state !== 'grouped') await audit?.record(auditOf(outcome, liveOf(outcome.requestId)));
    }
    await ledger.append(outcomes);
    state = applyOutcomes(state, outcomes);
    for (const [i, outcome] of outcomes.entries()) {
      telemetry.outcome(outcome.state, outcome.rail);
      const request = requests[i];
      if (request !== undefined) options.outcomes?.(outcome, request);
    }
    report();
    changed();
  }

  async function commitAtLast(outcome: Outcome): Promise<void> {
    for (let attempt = 1; !stopping.aborted; attempt += 1) {
      try {
        await inTurn(() => commit([outcome]));
        fault = undefined;
        return;
      } catch (error) {
        fault = `enforcement: cannot record an outcome: ${messageOf(error)}`;
        await clock.sleep(retrySchedule(attempt, random), stopping);
      }
    }
    await inTurn(() => commit([outcome])).catch(() => undefined);
  }

  report();
  for (const { outcome, request } of endedLately(before, state)) options.outcomes?.(outcome, request);
  for (const { request, stage, until, deliveredAt, acceptedAt } of liveActions(state)) {
    const at = deliveredAt ?? acceptedAt;
    const ends = Number.isFinite(until) ? until : undefined;
    options.outcomes?.({ requestId: request.id, state: stage, at, until: ends }, request);
  }

  return {
    state: () => state,
    update(change) {
      state = change(state);
    },
    inTurn,
    commit,
    commitAtLast,
    liveOf,
    fault: () => fault,
  };
}
