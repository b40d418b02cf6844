import type { KeyAction } from '../domain/action';
import type { KeyKind } from '../domain/event';

/** At most this many acceptances in a window, and at most this share (0–1) of the keys active in it. */
export interface BreakerLimits {
  readonly count: number;
  readonly share: number;
}

/** What a person decided about enforcement. Durations in milliseconds. */
export interface EnforceSettings {
  readonly mode: 'dry-run' | 'enforce';
  /** Tiers and policy rules whose requests are held as in dry run. */
  readonly dryRun: { readonly tiers: ReadonlySet<string>; readonly rules: ReadonlySet<string> };
  /** Key ids on which keywatch never acts by itself, compared exactly, and until when (wall clock; Infinity: for ever). */
  readonly protectedKeys: ReadonlyMap<string, number>;
  /** What the enforcer can do, and on which kinds of key. */
  readonly able: { readonly actions: ReadonlySet<KeyAction>; readonly keyKinds: ReadonlySet<KeyKind> };
  /** Whether a policy may revoke without a person. */
  readonly automaticRevoke: boolean;
  readonly breaker: BreakerLimits & { readonly windowMs: number; readonly tenant: BreakerLimits };
  /** An action lasts `factor` times as long with each one before it in `windowMs`, up to `maxMs`. */
  readonly repeat: { readonly factor: number; readonly windowMs: number; readonly maxMs: number };
  /** A request decided longer ago than this is held. */
  readonly maxAgeMs: number;
  /** Time a delivery has, counted from its acceptance. */
  readonly notAfterMs: number;
  /** Least time between two changes of one key's standing. */
  readonly keyCooldownMs: number;
  /** Time after the receiver's acknowledgement within which the key's traffic must be seen to stop or to be refused. */
  readonly effectiveWithinMs: number;
  /** Alerts of one actor on several keys belong together while no longer than this passes between them. */
  readonly groupWindowMs: number;
}

/** What the caller knows and this folder does not. */
export interface EnforceContext {
  readonly settings: EnforceSettings;
  /** True while the data that decisions rest on is late. */
  readonly lagging: boolean;
  /** What is wrong with that data: the rail, and one phrase for people. */
  readonly quality?: { readonly rail: 'catching-up' | 'data-quality'; readonly detail: string } | undefined;
}

/** Longest action; a longer request is shortened to it. What is to last for ever is a person's decision. */
export const MAX_SUSPENSION_MS = 366 * 86_400_000;

/** How long a release is tried before it is given up and reported. */
export const RELEASE_TRY_MS = 24 * 3_600_000;

/** Request ids remembered as seen; the oldest ended ones go first. */
export const MAX_SEEN = 20_000;

/** Keys without a live action that are remembered (cooldown, strikes, release by a person); the oldest go first. */
export const MAX_KEYS = 20_000;

/** Acceptances remembered for a circuit breaker; the configuration allows no higher `count`. */
export const MAX_ACCEPTED = 100_000;

/** Tenants whose acceptances are counted; the one that is silent the longest goes first, open breakers never. */
export const MAX_TENANTS = 10_000;

/** Partitions whose active keys are counted. */
export const MAX_PARTITIONS = 10_000;

/** How long a key counts as raised after an alert or a held request. */
export const RAISED_MS = 24 * 3_600_000;
