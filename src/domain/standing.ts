import type { ActionRequest, KeyAction, Rail } from './action';

/**
 * Where a key stands with Enforce. `raised`: people were told of it, or a rail held an action back. `releasing`: its
 * release is on the way. `cooling`: its standing changed a moment ago. A key that nothing is known of is `quiet`.
 */
export const standingStates = [
  'quiet',
  'raised',
  'rate-limited',
  'stepped-up',
  'suspended',
  'revoked',
  'releasing',
  'cooling',
] as const;
export type StandingState = (typeof standingStates)[number];

/** How far the live action has got: requested and accepted, acknowledged by the receiver, seen (or not) in the traffic. */
export const actionStages = ['accepted', 'delivered', 'effective', 'ineffective', 'release-due'] as const;
export type ActionStage = (typeof actionStages)[number];

/** Times are wall clock, milliseconds. */
export interface Standing {
  readonly state: StandingState;
  /** Since when; undefined for `quiet`. */
  readonly since?: number | undefined;
  /** When this ends by itself; undefined where it does not. */
  readonly until?: number | undefined;
  readonly incidentId?: string | undefined;
  /** The strongest live action, its request and how far it has got; `accepted` is not acknowledged yet. */
  readonly action?: KeyAction | undefined;
  readonly requestId?: string | undefined;
  readonly stage?: ActionStage | undefined;
  /** The rail that held the newest request back, for `raised`. */
  readonly rail?: Rail | undefined;
  /** The person who asked for the live action, or released the key last. */
  readonly by?: string | undefined;
  /** Actions that keywatch took by itself within the window of repetition and that nobody took back. */
  readonly strikes: number;
}

export interface KeyStanding extends Standing {
  readonly key: string;
  readonly keyName: string;
  readonly tenant: string;
}

/** A circuit breaker as people see it. */
export interface BreakerView {
  readonly open: boolean;
  /** Undefined for the fleet's. */
  readonly tenant?: string | undefined;
  readonly rail?: Rail | undefined;
  /** Wall clock, milliseconds. */
  readonly since?: number | undefined;
}

/** A person asks for an action on a key. */
export interface ManualAction
  extends Partial<Pick<ActionRequest, 'keyKind' | 'keyName' | 'tenant' | 'tier' | 'incidentId' | 'alertId'>> {
  readonly key: string;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds; of no meaning for `revoke`. */
  readonly durationMs: number;
  /** Default `suspend`. */
  readonly action?: KeyAction | undefined;
  /** Also where the key is protected. */
  readonly force?: boolean | undefined;
  /** An idempotency key: the same `by`, `key` and text are the same request. Default: each call is one. */
  readonly idempotency?: string | undefined;
}

/** `requestIds` of what was accepted (a suspension) or is being released; a rail's name where it was held. */
export type ManualResult =
  | { readonly ok: true; readonly requestIds: readonly string[] }
  | { readonly ok: false; readonly rail: Rail; readonly detail: string };
