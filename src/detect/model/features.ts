import { createHash } from 'node:crypto';

/**
 * What a model sees of a key's window: how odd each detector has found it so far, and a little of its circumstances. The same
 * code builds it for training and for a live log. A model states the version and digest it was trained on and is refused
 * where they differ: raise the version whenever a detector of the list comes to mean something else by its surprise.
 */
export const FEATURE_VERSION = 1;

/** Length of a window, seconds of event time; windows begin at multiples of it since 1970 UTC. */
export const WINDOW_SECONDS = 3_600;

/** The detectors that state a surprise. Rules (`limits`, `lists`) decide for themselves and are not in it. */
export const spoken = [
  'newcomer',
  'spread',
  'stuffing',
  'geography',
  'travel',
  'client',
  'hours',
  'dormancy',
  'volume',
  'growth',
  'errors',
  'auth',
  'routes',
  'resources',
  'size',
] as const;

/** Requests and actors of the window so far, and how settled the key's past is. */
export const circumstances = ['confidence', 'events', 'actors'] as const;

export const featureNames: readonly string[] = [...spoken, ...circumstances];
export const FEATURES = featureNames.length;
export const SPOKEN = spoken.length;

/** Surprise is kept in steps of 1/32, up to nearly 8, in a byte. */
export const SURPRISE_STEPS = 32;
const MOST_STEPS = 255;
/** Inputs of a net are of the order of one: a surprise of 4, 3,000 requests, 20 actors, a settled past. */
const SURPRISE_UNIT = 4;
const EVENTS_UNIT = 8;
const ACTORS_UNIT = 3;

/** Digest over everything that decides what a number in a vector means, as far as this file knows it. */
export const featureDigest: string = createHash('sha256')
  .update(
    JSON.stringify([
      FEATURE_VERSION,
      WINDOW_SECONDS,
      featureNames,
      [SURPRISE_STEPS, MOST_STEPS, SURPRISE_UNIT, EVENTS_UNIT, ACTORS_UNIT],
    ]),
  )
  .digest('hex');

const places: ReadonlyMap<string, number> = new Map(spoken.map((name, i) => [name, i]));

/** Place of a detector's surprise in the vector; −1 for one that is not in it. */
export const placeOf = (detector: string): number => places.get(detector) ?? -1;

/** Steps of a surprise, rounded down: a byte. */
export function stepsOf(surprise: number): number {
  return Math.min(MOST_STEPS, Math.floor(Math.max(0, surprise) * SURPRISE_STEPS));
}

/** The surprise that an input of the net, or its output, stands for. */
export const surpriseOfInput = (input: number): number => Math.max(0, input * SURPRISE_UNIT);

/** Writes a vector: the steps of `SPOKEN` detectors from `at` on, and the circumstances. */
export function writeVector(
  vector: Float32Array,
  steps: ArrayLike<number>,
  at: number,
  confidence: number,
  events: number,
  actors: number,
): void {
  for (let i = 0; i < SPOKEN; i++) vector[i] = steps[at + i] / (SURPRISE_STEPS * SURPRISE_UNIT);
  vector[SPOKEN] = confidence;
  vector[SPOKEN + 1] = Math.log1p(events) / EVENTS_UNIT;
  vector[SPOKEN + 2] = Math.log1p(actors) / ACTORS_UNIT;
}
