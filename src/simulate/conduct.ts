import type { UsageEventRecord } from '../domain/event';
import type { Conduct } from './kinds';
import type { Random } from './random';

/** A request that could be made with a key, and how it is answered when all goes well. */
export interface Request {
  readonly method: NonNullable<UsageEventRecord['method']>;
  readonly path: string;
  /** The log's own name for the route, where it has one. */
  readonly route?: string;
  readonly status: number;
  /** Median size of a good answer; undefined where the log has no sizes. */
  readonly bytes: number | undefined;
  /** Median time of an answer, milliseconds; undefined where the log has none. */
  readonly latency: number | undefined;
}

/** What can be done with a key. Whoever has it knows its API, and not the owner's things. */
export interface Repertoire {
  /** As the owner draws. */
  own(at: number, rng: Random): Request;
  /** Any route that reads, the seldom used ones too. */
  any(at: number, rng: Random): Request;
  /** One of those with the largest answers. */
  large(at: number, rng: Random): Request;
  /** The `n`th thing, of the route that names things. */
  item(n: number, rng: Random): Request;
  /** Makes something new. */
  create(at: number, rng: Random): Request;
}

export interface Attempt {
  readonly request: Request;
  /** Share of such attempts that fail. */
  readonly errors: number;
  /** Statuses of a failure; those of an ordinary day where absent. */
  readonly failures?: readonly number[];
  /** Times the usual size. */
  readonly larger?: number;
}

export type NextAttempt = (at: number) => Attempt;

/** Different requests that a replaying thief has overheard. */
const HEARD = 8;
/** No such thing; or not his. */
const guessed = [404, 404, 404, 403] as const;
/** Quota used up. */
const refused = [403, 429, 429] as const;

/** How each conduct makes its requests; `start` is the thief's first moment. */
export const conductOf: Readonly<Record<Conduct, (can: Repertoire, start: number, rng: Random) => NextAttempt>> = {
  use: (can, _, rng) => (at) => ({ request: can.any(at, rng), errors: 0.08 }),
  mimic: (can, _, rng) => (at) => ({ request: can.own(at, rng), errors: 0.01 }),
  scrape: (can, _, rng) => {
    let n = 1 + rng.int(500);
    return () => ({ request: can.item(n++, rng), errors: 0.02 });
  },
  enumerate: (can, _, rng) => {
    let n = 1 + rng.int(500);
    return () => ({ request: can.item(n++, rng), errors: 0.5, failures: guessed });
  },
  haul: (can, _, rng) => (at) => ({ request: can.large(at, rng), errors: 0.02, larger: 3 }),
  mine: (can, _, rng) => (at) => ({ request: can.create(at, rng), errors: 0.3, failures: refused }),
  replay: (can, start, rng) => {
    const heard = Array.from({ length: HEARD }, () => can.own(start, rng));
    return () => ({ request: rng.pick(heard), errors: 0.01 });
  },
};
