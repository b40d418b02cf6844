/** What a person decided about enforcement. Durations in milliseconds. */
export interface EnforceSettings {
  readonly mode: 'dry-run' | 'enforce';
  /** Key ids that are never suspended; compared exactly. */
  readonly protectedKeys: ReadonlySet<string>;
  readonly breaker: {
    /** At most this many acceptances in `windowMs`. */
    readonly count: number;
    /** 0–1: at most this share of the keys active in `windowMs`. */
    readonly share: number;
    readonly windowMs: number;
  };
  /** A request decided longer ago than this is held. */
  readonly maxAgeMs: number;
  /** Time a delivery has, counted from its acceptance. */
  readonly notAfterMs: number;
  /** Least time between two changes of one key's standing. */
  readonly keyCooldownMs: number;
}

/** What the caller knows and this folder does not. */
export interface EnforceContext {
  readonly settings: EnforceSettings;
  /** True while the data that decisions rest on is late or has a gap. */
  readonly lagging: boolean;
}

/** Longest suspension; a longer request is shortened to it. What is to last for ever is a person's decision. */
export const MAX_SUSPENSION_MS = 366 * 86_400_000;

/** How long a release is tried before it is given up and reported. */
export const RELEASE_TRY_MS = 24 * 3_600_000;

/** Request ids remembered as seen; the oldest ended ones go first. */
export const MAX_SEEN = 20_000;

/** Keys whose last change of standing is remembered; the oldest go first. */
export const MAX_COOLING = 20_000;

/** Acceptances remembered for the circuit breaker; the configuration allows no higher `count`. */
export const MAX_ACCEPTED = 100_000;

/** Partitions whose active keys are counted. */
export const MAX_PARTITIONS = 10_000;
