import type { ActionRequest, Outcome } from '../domain/action';
import { type EnforceState, recordOf, replayLedger } from './state';

/**
 * The outcomes with `as` in place of a key, and without the words about it. Ids stay, so that nothing is acted on twice, and so
 * does all that the breakers count. Requests whose action is in force are left whole: their release needs the key.
 */
export function withoutKey(outcomes: readonly Outcome[], key: string, as: string): readonly Outcome[] {
  const live = new Set(recordOf(replayLedger(outcomes), key).live.map(({ request }) => request.id));
  return outcomes.map((outcome) => (live.has(outcome.requestId) ? outcome : redacted(outcome, key, as)));
}

function redacted(outcome: Outcome, key: string, as: string): Outcome {
  const { request, group } = outcome;
  if (request?.key !== key && outcome.key !== key && group?.key !== key) return outcome;
  return {
    ...outcome,
    ...(request?.key === key ? { request: bare(request, as) } : {}),
    ...(outcome.key === key ? { key: as } : {}),
    ...(group?.key === key ? { group: { ...group, key: as } } : {}),
  };
}

/** What decides nothing any more goes; the tenant stays, since its breaker counts by it. */
function bare(request: ActionRequest, as: string): ActionRequest {
  return { ...request, key: as, keyName: '', reason: 'forgotten', evidence: [], actor: undefined };
}

/** The state without a key that no action is in force against; `outcomes` is what is left of the ledger. */
export function stateWithoutKey(state: EnforceState, key: string, outcomes: readonly Outcome[]): EnforceState {
  const keys = new Map(state.keys);
  if (recordOf(state, key).live.length === 0) keys.delete(key);
  return { ...state, keys, groups: replayLedger(outcomes).groups };
}
