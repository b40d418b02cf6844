import { createHash } from 'node:crypto';
import type { ActionRequest, KeyAction, Outcome, OutcomeState } from '../domain/action';
import { type AlertDocument, ECS_VERSION, type Severity } from '../domain/alert';
import { opens } from './breaker';
import type { LiveAction } from './key';
import type { EnforceSettings } from './settings';
import { applyTo, draftOf, type EnforceState, recordOf } from './state';

type NoticeState = OutcomeState | 'breaker-opened';

interface Wording {
  readonly message: string;
  readonly action: string;
  readonly severity: Severity;
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly type: 'info' | 'change';
  readonly sentence: (key: string) => string;
}

/** How an action is called: the deed, the state that it brings about, and the name of a notice about each. */
const names: Record<KeyAction, { readonly deed: string; readonly done: string; readonly id: string }> = {
  'rate-limit': { deed: 'Rate limit', done: 'rate limited', id: 'rate-limit' },
  'step-up': { deed: 'Demand for a further proof', done: 'asked for a further proof', id: 'step-up' },
  suspend: { deed: 'Suspension', done: 'suspended', id: 'suspension' },
  revoke: { deed: 'Revocation', done: 'revoked', id: 'revocation' },
};

const doneIds: Record<KeyAction, string> = {
  'rate-limit': 'key-rate-limited',
  'step-up': 'key-stepped-up',
  suspend: 'key-suspended',
  revoke: 'key-revoked',
};

/**
 * `accepted`, `effective`, `superseded` and `release-due` have no notice of their own: they lead to another outcome that
 * is told, or leave what was told true.
 */
function wordingOf(state: NoticeState, action: KeyAction): Wording | undefined {
  const { deed, done, id } = names[action];
  const lower = deed.toLowerCase();
  switch (state) {
    case 'held':
      return {
        message: `${deed} held`,
        action: `${id}-held`,
        severity: 21,
        outcome: 'unknown',
        type: 'info',
        sentence: (key) => `The ${lower} of ${key} was not carried out`,
      };
    case 'delivered':
      return {
        message: `Key ${done}`,
        action: doneIds[action],
        severity: 47,
        outcome: 'success',
        type: 'change',
        sentence: (key) => `The receiver acknowledged the ${lower} of ${key}`,
      };
    case 'ineffective':
      return {
        message: `${deed} without effect`,
        action: `${id}-ineffective`,
        severity: 73,
        outcome: 'failure',
        type: 'info',
        sentence: (key) =>
          `The receiver acknowledged the ${lower} of ${key}, but its traffic does not show it; act on the key by hand and look at the receiver`,
      };
    case 'undelivered':
      return {
        message: `${deed} not delivered`,
        action: `${id}-undelivered`,
        severity: 73,
        outcome: 'failure',
        type: 'info',
        sentence: (key) =>
          `The receiver did not acknowledge the ${lower} of ${key}; keywatch gave up and will not release it either, check the key by hand`,
      };
    case 'released':
      return {
        message: 'Key released',
        action: 'key-released',
        severity: 21,
        outcome: 'success',
        type: 'change',
        sentence: (key) => `The receiver acknowledged the release of ${key}`,
      };
    case 'release-undelivered':
      return {
        message: 'Release not delivered',
        action: 'release-undelivered',
        severity: 73,
        outcome: 'failure',
        type: 'info',
        sentence: (key) =>
          `The receiver did not acknowledge the release of ${key}; it may still be ${done}, check it by hand`,
      };
    case 'breaker-opened':
      return {
        message: 'Circuit breaker opened',
        action: 'breaker-opened',
        severity: 99,
        outcome: 'unknown',
        type: 'info',
        sentence: (key) => `Actions reached the circuit breaker at ${key}; all are held until a person resets it`,
      };
    case 'breaker-reset':
      return {
        message: 'Circuit breaker reset',
        action: 'breaker-reset',
        severity: 47,
        outcome: 'success',
        type: 'change',
        sentence: () => 'A person closed the circuit breaker; actions are possible again',
      };
    default:
      return undefined;
  }
}

function noticeId(requestId: string, state: NoticeState): string {
  return createHash('sha256').update(`notice\0${requestId}\0${state}`).digest('hex').slice(0, 32);
}

/** Who is behind it and why, in brackets: the rail, the receiver's answer, the person. */
function detailOf(outcome: Outcome, request: ActionRequest | undefined, live: LiveAction | undefined): string {
  const ending = outcome.state.startsWith('release') ? live?.ending : undefined;
  const asked =
    request?.by === undefined || ending !== undefined ? undefined : `asked for by ${request.by}: ${request.reason}`;
  const ended = ending?.by === undefined ? ending?.detail : `released by ${ending.by}: ${ending.detail ?? ''}`;
  const alone = live === undefined && outcome.by !== undefined ? `by ${outcome.by}` : undefined;
  return [outcome.rail, outcome.tenant, outcome.detail, alone, asked, ended]
    .filter((part) => part !== undefined && part !== '')
    .join(': ')
    .slice(0, 1_000);
}

function build(
  state: NoticeState,
  outcome: Outcome,
  request: ActionRequest | undefined,
  live: LiveAction | undefined,
  mode: EnforceSettings['mode'],
): AlertDocument | undefined {
  const wording = wordingOf(state, request?.action ?? 'suspend');
  if (wording === undefined) return undefined;
  const id = request?.key ?? outcome.key;
  const key = request?.keyName || id || '';
  const detail = detailOf(outcome, request, live);
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
    ...(request === undefined ? {} : { rule: { name: request.rule } }),
    ...(id === undefined ? {} : { related: { user: [id] } }),
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
  live?: LiveAction,
): AlertDocument | undefined => build(outcome.state, outcome, request, live, mode);

/** Notices of new outcomes in the face of the state before them: one each, and one where a breaker opened. */
export function noticesOf(
  before: EnforceState,
  outcomes: readonly Outcome[],
  mode: EnforceSettings['mode'],
): AlertDocument[] {
  const documents: (AlertDocument | undefined)[] = [];
  const draft = draftOf(before);
  for (const outcome of outcomes) {
    const { requestId } = outcome;
    const live = recordOf(draft, draft.live.get(requestId) ?? '').live.find((each) => each.request.id === requestId);
    const request = outcome.request ?? live?.request;
    documents.push(notice(outcome, request, mode, live));
    if (outcome.state === 'held' && opens(draft.circuits, request?.tenant ?? '', outcome.rail)) {
      documents.push(build('breaker-opened', outcome, request, live, mode));
    }
    applyTo(draft, outcome);
  }
  return documents.filter((document) => document !== undefined);
}
