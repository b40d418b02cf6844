import type { KeyKind } from './event';
import type { Evidence } from './evidence';

/** Actions by strength; the strongest live one of a key wins. */
export const actions = ['observe', 'alert', 'suspend'] as const;
export type Action = (typeof actions)[number];

/**
 * Detect asks Enforce to act. Derived from the log alone, so a replay makes the same one with the same id; whether it
 * is carried out is Enforce's decision, on its own clock.
 */
export interface ActionRequest {
  /** Derived from the cause; `webhook-id` of the webhook and key of the ledger. Contains no dot. */
  readonly id: string;
  readonly action: Exclude<Action, 'observe' | 'alert'>;
  readonly key: string;
  /** What `key` stands for; undefined when the requester does not say. */
  readonly keyKind?: KeyKind | undefined;
  readonly keyName: string;
  readonly tenant: string;
  readonly tier: string;
  readonly partition: number;
  /** Event time at which the decision fell, milliseconds. */
  readonly decidedAt: number;
  /** How long the action is to last, milliseconds. */
  readonly durationMs: number;
  readonly incidentId: string;
  readonly alertId: string;
  /** Name of the policy rule that asked. */
  readonly rule: string;
  readonly risk: number;
  /** One sentence for people. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** The safety rails of Enforce; a request that meets one is held, never queued for later. */
export const rails = [
  'dry-run',
  'protected-key',
  'already-suspended',
  'key-cooldown',
  'breaker-count',
  'breaker-share',
  'stale',
  'lagging',
] as const;
export type Rail = (typeof rails)[number];

/**
 * What became of a request. `held`: a rail stopped it (in dry run every request ends so). `accepted`: to be delivered;
 * `delivered`: the receiver acknowledged; `undelivered`: retries or `not_after` ran out, reported to the SIEM.
 * `release-due`: the TTL ended; `released`: the receiver acknowledged the release. `breaker-reset` belongs to no request:
 * a person closed the circuit breaker (`detail` says who), and its counting starts again.
 */
export const outcomeStates = [
  'held',
  'accepted',
  'delivered',
  'undelivered',
  'release-due',
  'released',
  'release-undelivered',
  'breaker-reset',
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
  /** The request itself, with its first outcome only. */
  readonly request?: ActionRequest | undefined;
  /** Wall clock after which a delivery must not happen any more, milliseconds. */
  readonly notAfter?: number | undefined;
  /** Wall clock at which the suspension ends, milliseconds. */
  readonly until?: number | undefined;
}
