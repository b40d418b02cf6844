import type { Severity } from './alert';
import type { KeyKind } from './event';
import type { Evidence } from './evidence';

/** Actions by strength, mildest first; the strongest live one of a key wins. */
export const actions = ['observe', 'alert', 'rate-limit', 'step-up', 'suspend', 'revoke'] as const;
export type Action = (typeof actions)[number];

/** Those that change what a key may do, and therefore need Enforce and an enforcer. */
export const keyActions = ['rate-limit', 'step-up', 'suspend', 'revoke'] as const;
export type KeyAction = (typeof keyActions)[number];

export const isKeyAction = (action: Action): action is KeyAction => (keyActions as readonly Action[]).includes(action);

/** Rank of an action; more is stronger. */
export const strengthOf = (action: Action): number => actions.indexOf(action);

/** `revoke` cannot be taken back; all others end by themselves and by a release. */
export const isReversible = (action: KeyAction): boolean => action !== 'revoke';

/**
 * Detect, or a person, asks Enforce to act. Detect's requests are derived from the log alone, so a replay makes the same
 * one with the same id; whether it is carried out is Enforce's decision, on its own clock.
 */
export interface ActionRequest {
  /** Derived from the cause; `webhook-id` of the webhook and key of the ledger. Contains no dot. */
  readonly id: string;
  readonly action: KeyAction;
  readonly key: string;
  /** What `key` stands for; undefined when the requester does not say. */
  readonly keyKind?: KeyKind | undefined;
  readonly keyName: string;
  readonly tenant: string;
  readonly tier: string;
  readonly partition: number;
  /** Event time at which the decision fell, milliseconds; wall clock where a person asks. */
  readonly decidedAt: number;
  /** How long the action is to last, milliseconds; of no meaning for `revoke`. */
  readonly durationMs: number;
  readonly incidentId: string;
  readonly alertId: string;
  /** Name of the policy rule that asked. */
  readonly rule: string;
  readonly risk: number;
  /** One sentence for people. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** Who asked, where a person did: neither counted by the circuit breaker nor held by age or lag. */
  readonly by?: string | undefined;
  /** Stable hash of who uses the key (`keywatch.actor` of the alert); undefined where it is not about one actor. */
  readonly actor?: string | undefined;
  /** The same actor on several keys, as far as Enforce knew when it decided: a further sign. */
  readonly group?: { readonly id: string; readonly keys: number } | undefined;
}

/**
 * The safety rails of Enforce; a request that meets one is held, never queued for later.
 * `not-allowed`: no enforcer can do it, or nobody allowed it to happen by itself (`revoke`).
 * `stronger-action`: an action at least as strong is live. `released-by-person`: decided before a person's release.
 */
export const rails = [
  'dry-run',
  'protected-key',
  'not-allowed',
  'stronger-action',
  'key-cooldown',
  'released-by-person',
  'stale',
  'lagging',
  'catching-up',
  'data-quality',
  'breaker-count',
  'breaker-share',
  'tenant-breaker-count',
  'tenant-breaker-share',
] as const;
export type Rail = (typeof rails)[number];

/** Rails that open a circuit breaker. */
export const breakerRails = ['breaker-count', 'breaker-share', 'tenant-breaker-count', 'tenant-breaker-share'] as const;
export type BreakerRail = (typeof breakerRails)[number];

/**
 * What became of a request. `held`: a rail stopped it (in dry run every request ends so). `accepted`: to be delivered;
 * `delivered`: the receiver acknowledged; `effective`: the key's traffic was seen to stop or to be refused;
 * `ineffective`: it went on in spite of the acknowledgement; `undelivered`: retries or `not_after` ran out, reported to
 * the SIEM. `superseded`: a stronger action of the key took its place. `release-due`: its time ended, or a person (`by`)
 * ended it; `released`: the receiver acknowledged the release (without an action that was live: a person's release of a
 * key that had none). `breaker-reset` and `grouped` belong to no request: a person closed a circuit breaker (`by` says
 * who), and its counting starts again; an alert was counted to an actor's group.
 */
export const outcomeStates = [
  'held',
  'accepted',
  'delivered',
  'effective',
  'ineffective',
  'undelivered',
  'superseded',
  'release-due',
  'released',
  'release-undelivered',
  'breaker-reset',
  'grouped',
] as const;
export type OutcomeState = (typeof outcomeStates)[number];

/** One line of the ledger: a request's change of state, on Enforce's clock. */
export interface Outcome {
  readonly requestId: string;
  readonly state: OutcomeState;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly rail?: Rail | undefined;
  /** For people: HTTP status, error class; never a secret, never a response body. */
  readonly detail?: string | undefined;
  /** The person behind it, where one is. */
  readonly by?: string | undefined;
  /** The request itself, with its first outcome only. */
  readonly request?: ActionRequest | undefined;
  /** Wall clock after which a delivery must not happen any more, milliseconds. */
  readonly notAfter?: number | undefined;
  /** Wall clock at which the action ends, milliseconds; undefined for `revoke`. */
  readonly until?: number | undefined;
  /** Only of a person's release of a key without a live action. */
  readonly key?: string | undefined;
  /** Only of `breaker-reset`: the tenant whose breaker it was; undefined for all. */
  readonly tenant?: string | undefined;
  /** Only of `grouped`: which alert of whom on which key. */
  readonly group?: GroupedAlert | undefined;
}

/** An alert as it counts for its actor's group. */
export interface GroupedAlert {
  readonly actor: string;
  readonly key: string;
  /** `event.id` of the alert, and its incident. */
  readonly alertId: string;
  readonly incidentId: string;
  readonly severity: Severity;
}
