import type { ActionRequest, Outcome } from '../domain/action';
import type { EnforceState } from './state';

/** Outcomes told again after a start. What was not told yet when the process died is among the newest of them. */
const MOST_TOLD = 100;

/**
 * What became of the newest requests that are over, oldest first: for Detect, which may not have heard of it. One for each
 * incident, that of its last request: older ones must not come behind it. Live actions are left out, their stage says more.
 */
export function endedLately(
  outcomes: readonly Outcome[],
  { live }: Pick<EnforceState, 'live'>,
): readonly { readonly outcome: Outcome; readonly request: ActionRequest }[] {
  const requests = new Map<string, ActionRequest>();
  const last = new Map<string, Outcome>();
  const newest = new Map<string, string>();
  for (const outcome of outcomes) {
    const { requestId: id, request } = outcome;
    if (request !== undefined && !requests.has(id)) {
      requests.set(id, request);
      newest.delete(incidentOf(request));
      newest.set(incidentOf(request), id);
    }
    if (requests.has(id)) last.set(id, outcome);
  }
  return [...newest.values()]
    .filter((id) => !live.has(id))
    .slice(-MOST_TOLD)
    .map((id) => ({ outcome: last.get(id)!, request: requests.get(id)! }));
}

/** A person's request belongs to no incident. */
const incidentOf = ({ id, incidentId }: ActionRequest) => (incidentId === '' ? `request ${id}` : incidentId);
