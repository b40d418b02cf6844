import type { Outcome } from '../../domain/action';
import type { AuditDetail, AuditKind } from '../../domain/audit';
import type { Audit, Clock, Ledger } from '../../ports';

export interface AuditedLedgerOptions {
  readonly audit: Audit;
  readonly clock: Pick<Clock, 'now'>;
  /** Held requests recorded one by one in a minute. */
  readonly heldPerMinute: number;
}

export interface AuditedLedger extends Ledger {
  /** Records the count of the minute that is over. Called every few seconds, and at the end. */
  tick(force?: boolean): Promise<void>;
}

const MINUTE_MS = 60_000;
/** Requests whose keys are remembered, so that later outcomes can name them; the oldest are forgotten first. */
const MOST_REQUESTS = 100_000;

interface Known {
  readonly key: string;
  readonly rule: string;
}

/**
 * A ledger whose outcomes are audited: each is in the audit log before it is in the ledger, so that nothing is acted on that
 * is not recorded; a failure between the two leaves a record that comes again when it is tried again. Of held requests at
 * most `heldPerMinute` are recorded one by one; those beyond are counted by rail, and the counts recorded when the minute
 * is over. A kill loses the counts of that minute, never the outcomes: the ledger has them all.
 */
export function auditedLedger(ledger: Ledger, { audit, clock, heldPerMinute }: AuditedLedgerOptions): AuditedLedger {
  const requests = new Map<string, Known>();
  let minute = 0;
  let held = 0;
  let counted = new Map<string, number>();

  function remember(outcome: Outcome): void {
    const { requestId, request } = outcome;
    if (request === undefined || requests.has(requestId)) return;
    if (requests.size >= MOST_REQUESTS) requests.delete(requests.keys().next().value!);
    requests.set(requestId, { key: request.key, rule: request.rule });
  }

  async function tick(force = false): Promise<void> {
    const now = Math.floor(clock.now() / MINUTE_MS);
    if (now === minute && !force) return;
    const over = counted;
    const at = minute;
    minute = now;
    held = 0;
    counted = new Map();
    if (over.size === 0) return;
    const detail: AuditDetail = {
      state: 'held',
      minute: new Date(at * MINUTE_MS).toISOString(),
      requests: [...over.values()].reduce((sum, n) => sum + n, 0),
      ...Object.fromEntries([...over].map(([rail, n]) => [`rail ${rail}`, n])),
    };
    await audit.record({ kind: 'action', by: 'keywatch', subject: '', detail });
  }

  /** Whether an outcome gets a record of its own; a held one that does not is counted. */
  function alone(outcome: Outcome): boolean {
    // It acts on nothing.
    if (outcome.state === 'grouped') return false;
    if (outcome.state !== 'held') return true;
    held += 1;
    if (held <= heldPerMinute) return true;
    const rail = outcome.rail ?? 'unnamed';
    counted.set(rail, (counted.get(rail) ?? 0) + 1);
    return false;
  }

  async function record(outcome: Outcome): Promise<void> {
    const known = requests.get(outcome.requestId);
    const { state, rail, detail, request, until } = outcome;
    await audit.record({
      kind: kindOf(state),
      by: outcome.by ?? request?.by ?? 'keywatch',
      subject: known?.key ?? outcome.key ?? '',
      detail: {
        state,
        request: outcome.requestId,
        at: new Date(outcome.at).toISOString(),
        action: request?.action,
        rule: known?.rule,
        rail,
        detail,
        until: until === undefined ? undefined : new Date(until).toISOString(),
        risk: request?.risk,
        incident: request?.incidentId,
        alert: request?.alertId,
        tenant: outcome.tenant,
        reason: request?.reason,
      },
    });
  }

  return {
    async load() {
      const outcomes = await ledger.load();
      for (const outcome of outcomes) remember(outcome);
      return outcomes;
    },
    async append(outcomes) {
      await tick();
      for (const outcome of outcomes) remember(outcome);
      await Promise.all(outcomes.filter(alone).map(record));
      await ledger.append(outcomes);
    },
    // What of it people should know is for its caller to record; it is no outcome.
    async rewrite(change) {
      const outcomes = await ledger.rewrite(change);
      requests.clear();
      for (const outcome of outcomes) remember(outcome);
      return outcomes;
    },
    close: () => ledger.close(),
    tick,
  };
}

function kindOf(state: string): AuditKind {
  if (state.startsWith('breaker')) return 'breaker';
  return state.startsWith('release') ? 'release' : 'action';
}
