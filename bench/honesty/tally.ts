import { lnGamma } from '../../src/stats/tail';

/** Surprises at which the promise is tested. */
export const thresholds = [1, 1.5, 2, 2.5, 3, 3.5] as const;

/**
 * The greatest surprise of every key-day, by detector, and how many key-days there were. Days of a key count from the day
 * after its first request to that of its last, in use or not; nothing before `from` (a UTC day number) counts. A newcomer
 * that is not learned shows the same evidence day after day: evidence about an actor counts on the first day of that actor
 * (by detector and key), as its incident is told once.
 */
export interface Tally {
  /** Once an event, before its evidence. */
  see(key: string, day: number): void;
  /** `actor` undefined: evidence about the key as a whole, which counts every day. */
  note(detector: string, key: string, day: number, surprise: number, actor: number | undefined): void;
  counts(): Counts;
}

export interface Counts {
  readonly keyDays: number;
  /** By detector: key-days whose greatest surprise reached each of `thresholds`. */
  readonly reached: ReadonlyMap<string, readonly number[]>;
}

interface Span {
  first: number;
  last: number;
}

export function createTally(from: number): Tally {
  const spans = new Map<string, Span>();
  /** By detector: the greatest surprise so far of each key's present day, and what earlier days reached. */
  const most = new Map<string, Map<string, { day: number; surprise: number }>>();
  const reached = new Map<string, number[]>();
  /** The first day of an actor's evidence, by detector, key and actor. */
  const begun = new Map<string, number>();

  const close = (detector: string, surprise: number) => {
    const counts = reached.get(detector)!;
    for (const [i, s] of thresholds.entries()) if (surprise >= s) counts[i]!++;
  };
  const counts = (day: number, key: string) => day >= from && day > (spans.get(key)?.first ?? day);

  return {
    see(key, day) {
      const span = spans.get(key);
      if (span === undefined) spans.set(key, { first: day, last: day });
      else if (day > span.last) span.last = day;
    },
    note(detector, key, day, surprise, actor) {
      if (actor !== undefined) {
        const name = `${detector} ${key} ${actor}`;
        const first = begun.get(name);
        if (first === undefined) begun.set(name, day);
        else if (first !== day) return;
      }
      if (!counts(day, key)) return;
      let keys = most.get(detector);
      if (keys === undefined) {
        keys = new Map();
        most.set(detector, keys);
        reached.set(detector, Array<number>(thresholds.length).fill(0));
      }
      const now = keys.get(key);
      if (now === undefined) keys.set(key, { day, surprise });
      else if (now.day === day) now.surprise = Math.max(now.surprise, surprise);
      else {
        close(detector, now.surprise);
        now.day = day;
        now.surprise = surprise;
      }
    },
    counts() {
      for (const [detector, keys] of most) {
        for (const { surprise } of keys.values()) close(detector, surprise);
        keys.clear();
      }
      let keyDays = 0;
      for (const { first, last } of spans.values()) keyDays += Math.max(0, last - Math.max(from, first + 1) + 1);
      return { keyDays, reached };
    },
  };
}

/** The share of key-days that may reach a surprise. */
export const allowed = (surprise: number): number => Math.min(1, 2 * 10 ** -surprise);

/** P(X ≥ k) for a binomial of `n` trials at chance `p`: the terms of the smaller tail summed, exact to rounding. */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  if (p >= 1) return 1;
  return k > n * p ? sumOf(k, 1, n, p) : Math.max(0, 1 - sumOf(k - 1, -1, n, p));
}

/** P(X = k) + P(X = k + step) + …, away from the mean. */
function sumOf(k: number, step: 1 | -1, n: number, p: number): number {
  const odds = p / (1 - p);
  const ln = lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let term = Math.exp(ln);
  let sum = 0;
  for (let i = k; i >= 0 && i <= n; i += step) {
    sum += term;
    if (term < sum * 1e-15) break;
    term *= step > 0 ? ((n - i) / (i + 1)) * odds : i / ((n - i + 1) * odds);
  }
  return Math.min(1, sum);
}

/** Below this chance a detector is held to break the promise. */
export const LEVEL = 0.001;

/** Chance of at least so many key-days, did the promise hold exactly. */
export const chanceOf = (reached: number, keyDays: number, surprise: number): number =>
  binomialTail(reached, keyDays, allowed(surprise));

/** Two counts as one. */
export function addCounts(a: Counts, b: Counts): Counts {
  const reached = new Map<string, readonly number[]>(a.reached);
  for (const [name, values] of b.reached) {
    const before = reached.get(name);
    reached.set(name, before === undefined ? values : values.map((n, i) => n + before[i]!));
  }
  return { keyDays: a.keyDays + b.keyDays, reached };
}
