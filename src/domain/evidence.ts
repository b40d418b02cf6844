/** What a piece of evidence is about. Several pieces about one facet count once towards a conjunction. */
export const facets = [
  'actor',
  'geography',
  'client',
  'time',
  'volume',
  'errors',
  'auth',
  'routes',
  'limits',
  'joint',
] as const;
export type Facet = (typeof facets)[number];

/**
 * One reason to think that this is not the key's usual user, with the facts in words.
 *
 * `statistical`: `surprise` is −log10 of the chance that a benign key shows something at least this odd on one day.
 * `rule`: a declared limit was crossed; nothing was estimated, `surprise` is 0 and `confidence` 1.
 */
export interface Evidence {
  readonly detector: string;
  readonly facet: Facet;
  readonly kind: 'statistical' | 'rule';
  readonly surprise: number;
  /** 0–1: how settled the past is that this was compared with. */
  readonly confidence: number;
  /** What was seen, for example `requests from Brazil`. Built from bounded, redacted texts. */
  readonly saw: string;
  /** What this key's past makes one expect, for example `Germany in 9,214 of 9,230 requests`. */
  readonly expected: string;
  /** Since when that past reaches back, milliseconds since 1970 UTC. */
  readonly since: number;
  /** True where the evidence is about this request's actor, false where it is about the key as a whole. */
  readonly aboutActor: boolean;
}
