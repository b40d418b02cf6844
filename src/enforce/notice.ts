import { createHash } from 'node:crypto';
import type { ActionRequest, Outcome, OutcomeState } from '../domain/action';
import { type AlertDocument, ECS_VERSION, type Severity } from '../domain/alert';
import type { EnforceSettings } from './settings';
import type { EnforceState } from './state';

type NoticeState = OutcomeState | 'breaker-opened';

interface Wording {
  readonly message: string;
  readonly action: string;
  readonly severity: Severity;
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly type: 'info' | 'change';
  readonly sentence: (key: string) => string;
}

/** `accepted` and `release-due` lead to another outcome that is told; they have no notice of their own. */
const wordings: Partial<Record<NoticeState, Wording>> = {
  held: {
    message: 'Suspension held',
    action: 'suspension-held',
    severity: 21,
    outcome: 'unknown',
    type: 'info',
    sentence: (key) => `The suspension of ${key} was not carried out`,
  },
  delivered: {
    message: 'Key suspended',
    action: 'key-suspended',
    severity: 47,
    outcome: 'success',
    type: 'change',
    sentence: (key) => `The receiver acknowledged the suspension of ${key}`,
  },
  undelivered: {
    message: 'Suspension not delivered',
    action: 'suspension-undelivered',
    severity: 73,
    outcome: 'failure',
    type: 'info',
    sentence: (key) =>
      `The receiver did not acknowledge the suspension of ${key}; keywatch gave up and will not release it either, check the key by hand`,
  },
  released: {
    message: 'Key released',
    action: 'key-released',
    severity: 21,
    outcome: 'success',
    type: 'change',
    sentence: (key) => `The receiver acknowledged the release of ${key}`,
  },
  'release-undelivered': {
    message: 'Release not delivered',
    action: 'release-undelivered',
    severity: 73,
    outcome: 'failure',
    type: 'info',
    sentence: (key) =>
      `The receiver did not acknowledge the release of ${key}; it may still be suspended, check it by hand`,
  },
  'breaker-opened': {
    message: 'Circuit breaker opened',
    action: 'breaker-opened',
    severity: 99,
    outcome: 'unknown',
    type: 'info',
    sentence: (key) => `Suspensions reached the circuit breaker at ${key}; all are held until a person resets it`,
  },
  'breaker-reset': {
    message: 'Circuit breaker reset',
    action: 'breaker-reset',
    severity: 47,
    outcome: 'success',
    type: 'change',
    sentence: () => 'A person closed the circuit breaker; suspensions are possible again',
  },
};

function noticeId(requestId: string, state: NoticeState): string {
  return createHash('sha256').update(`notice\0${requestId}\0${state}`).digest('hex').slice(0, 32);
}

function build(
  state: NoticeState,
  outcome: Outcome,
  request: ActionRequest | undefined,
  mode: EnforceSettings['mode'],
): AlertDocument | undefined {
  const wording = wordings[state];
  if (wording === undefined) return undefined;
  const key = request?.keyName || request?.key || '';
  const detail = [outcome.rail, outcome.detail].filter((part) => part !== undefined && part !== '').join(': ');
  return {
    '@timestamp': new Date(outcome.at).toISOString(),
    ecs: { version: ECS_VERSION },
    message: wording.message,
    event: {
      id: noticeId(outcome.requestId, state),
      kind: 'event',
      category: [state.startsWith('breaker') ? 'configuration' : 'iam'],
      type: [wording.type],
      action: wording.action,
      outcome: wording.outcome,
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: request?.risk ?? 0,
      severity: wording.severity,
      reason: `${wording.sentence(key)}${detail === '' ? '' : ` (${detail})`}.`,
      sequence: 0,
    },
    ...(request === undefined || request.tenant === '' ? {} : { organization: { id: request.tenant } }),
    ...(request === undefined ? {} : { rule: { name: request.rule }, related: { user: [request.key] } }),
    keywatch: {
      mode,
      action: request?.action ?? 'observe',
      request: {
        id: outcome.requestId,
        state: outcome.state,
        ...(outcome.rail === undefined ? {} : { rail: outcome.rail }),
        ...(outcome.detail === undefined ? {} : { detail: outcome.detail }),
      },
      evidence: [],
    },
  };
}

/**
 * The notice about keywatch's own deed that an outcome calls for, or undefined where it calls for none. `event.id` is
 * derived from request id and state: told again after a crash, it is the same document. Carries no `user`, so that it
 * never counts as the key's own behaviour; `related.user` names the key.
 */
export const notice = (
  outcome: Outcome,
  request: ActionRequest | undefined,
  mode: EnforceSettings['mode'],
): AlertDocument | undefined => build(outcome.state, outcome, request, mode);

/** Notices of new outcomes in the face of the state before them: one each, and one where the breaker opened. */
export function noticesOf(
  before: EnforceState,
  outcomes: readonly Outcome[],
  mode: EnforceSettings['mode'],
): AlertDocument[] {
  const documents: (AlertDocument | undefined)[] = [];
  let open = before.breaker.open;
  for (const outcome of outcomes) {
    const request = outcome.request ?? before.live.get(outcome.requestId)?.request;
    documents.push(notice(outcome, request, mode));
    if (open || (outcome.rail !== 'breaker-count' && outcome.rail !== 'breaker-share')) continue;
    open = true;
    documents.push(build('breaker-opened', outcome, request, mode));
  }
  return documents.filter((document) => document !== undefined);
}
