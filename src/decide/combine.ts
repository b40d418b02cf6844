import type { Evidence, Facet } from '../domain/evidence';

/**
 * How the evidence of one incident adds up. Facets are taken at their strongest piece. Place, client and volume speak for
 * themselves; hours, routes and failures only support: together they add at most one to a surprise and alone they stay
 * below any alert, because each has honest causes that no baseline knows. The second and third main facet count half
 * and a quarter, since oddities come together in honest life too (a new host has a new address *and* a new client).
 * The result is a score, not yet a probability: `calibration` makes it one.
 */
export interface Combined {
  readonly score: number;
  /** Weighted by surprise. */
  readonly confidence: number;
  readonly rule: boolean;
}

const supporting: ReadonlySet<Facet> = new Set(['time', 'routes', 'errors', 'auth']);
const SUPPORT_WEIGHT = 0.5;
const SUPPORT_MAX = 1;
const MAIN_WEIGHTS = [1, 0.5, 0.25];

export function combine(evidence: readonly Evidence[]): Combined {
  const best = new Map<Facet, number>();
  let weight = 0;
  let confidence = 0;
  let rule = false;
  for (const e of evidence) {
    if (e.kind === 'rule') rule = true;
    if (e.surprise > (best.get(e.facet) ?? 0)) best.set(e.facet, e.surprise);
    weight += e.surprise;
    confidence += e.surprise * e.confidence;
  }
  const main: number[] = [];
  let support = 0;
  for (const [facet, surprise] of best) {
    if (supporting.has(facet)) support += surprise * SUPPORT_WEIGHT;
    else main.push(surprise);
  }
  main.sort((a, b) => b - a);
  let score = Math.min(SUPPORT_MAX, support);
  for (let i = 0; i < Math.min(main.length, MAIN_WEIGHTS.length); i++) score += main[i] * MAIN_WEIGHTS[i];
  return { score, confidence: weight > 0 ? confidence / weight : rule ? 1 : 0, rule };
}

/** How many different facets carry evidence of at least `surprise`; a broken rule is a sign by itself. */
export function signs(evidence: readonly Evidence[], surprise: number): number {
  const seen = new Set<Facet>();
  for (const e of evidence) if (e.kind === 'rule' || e.surprise >= surprise) seen.add(e.facet);
  return seen.size;
}
