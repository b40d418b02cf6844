import type { BaselineEvent, BaselineRule } from './baselines';
import type { ScoredAlert } from './types';

/** Buckets of a quarter of an hour, the usual span of such jobs. */
const BUCKET = 900_000;
/** Buckets in which a key must have been active before anything is said about it. */
const LEARNING = 20;
/** A value that, with all as rare, makes up more than this share of the past is not rare. */
const COMMON = 0.2;

interface Past {
  bucket: number;
  readonly now: Set<string>;
  /** Buckets in which each value was seen. */
  readonly seen: Map<string, number>;
  /** How many values were seen in 1, 2, … buckets. */
  readonly alike: number[];
  /** Sum over `seen`. */
  sightings: number;
  /** Buckets in which there was any value. */
  active: number;
}

/**
 * What a rare-value job of Elastic's anomaly detection (`rare by country`, `by network`, `by agent`, each partitioned by
 * key) looks at, as its reference describes it (elastic.co/docs/reference/machine-learning/ml-rare-functions): in how many
 * buckets each value was seen, not how often. The chance of a value is the share of all sightings that fell to values
 * seen in as few buckets as it or fewer, this bucket counted; the score is −log10 of it, of the rarest of an event's values,
 * told at its first sighting in a bucket. Not Elastic's code: no fading, no periodicity, no renormalisation of scores.
 */
export function rareRule<E extends BaselineEvent>(facets: readonly ((event: E) => string)[]): BaselineRule<E> {
  const pasts = facets.map(() => new Map<string, Past>());
  const alerts: ScoredAlert[] = [];
  return {
    alerts,
    see(event) {
      let least = 1;
      for (const [i, factOf] of facets.entries()) {
        const value = factOf(event);
        if (value !== '') least = Math.min(least, chanceOf(pastOf(pasts[i]!, event.key), value, event.ts));
      }
      if (least <= COMMON) alerts.push({ key: event.key, ts: event.ts, score: -Math.log10(least) });
    },
  };
}

function pastOf(pasts: Map<string, Past>, key: string): Past {
  let past = pasts.get(key);
  if (past === undefined) {
    past = { bucket: Number.NEGATIVE_INFINITY, now: new Set(), seen: new Map(), alike: [], sightings: 0, active: 0 };
    pasts.set(key, past);
  }
  return past;
}

/** The chance of `value`, once a bucket; 1 when it was seen in this bucket already. */
function chanceOf(past: Past, value: string, ts: number): number {
  const bucket = Math.floor(ts / BUCKET);
  if (bucket > past.bucket) {
    past.bucket = bucket;
    past.now.clear();
    past.active++;
  }
  if (past.now.has(value)) return 1;
  past.now.add(value);
  const own = (past.seen.get(value) ?? 0) + 1;
  past.seen.set(value, own);
  past.sightings++;
  past.alike[own] = (past.alike[own] ?? 0) + 1;
  if (own > 1) past.alike[own - 1]!--;
  // Most sightings are of common values: too common alone, without looking at the others.
  if (past.active <= LEARNING || own / past.sightings > COMMON) return 1;
  let asRare = 0;
  for (let n = 1; n <= own; n++) asRare += n * (past.alike[n] ?? 0);
  return asRare / past.sightings;
}
