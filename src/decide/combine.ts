import type { Evidence, Facet } from '../domain/evidence';

/**
 * How the evidence of one incident adds up. Facets are taken at their strongest piece.
 *
 * `actor` is the surprise of who uses the key: honest by itself, it decides. `rest` is a score of how the key is used:
 * volume, declared limits and several facets odd together in full, everything else only in support (half of it, at most
 * one in all), because failures, new routes and odd hours have honest causes that no baseline knows. Place and client are
 * part of `actor` already and count here as support only.
 */
export interface Combined {
  readonly actor: number;
  readonly rest: number;
  /** Weighted by surprise. */
  readonly confidence: number;
  readonly rule: boolean;
}

const main: ReadonlySet<Facet> = new Set(['volume', 'limits', 'joint']);
const partOfActor: ReadonlySet<Facet> = new Set(['geography', 'client']);
const SUPPORT_WEIGHT = 0.5;
const SUPPORT_MAX = 1;

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
  const actor = best.get('actor') ?? 0;
  let rest = 0;
  let support = 0;
  for (const [facet, surprise] of best) {
    if (main.has(facet)) rest = Math.max(rest, surprise);
    else if (facet !== 'actor' && !(actor > 0 && partOfActor.has(facet))) support += surprise * SUPPORT_WEIGHT;
  }
  rest += Math.min(SUPPORT_MAX, support);
  return { actor, rest, confidence: weight > 0 ? confidence / weight : rule ? 1 : 0, rule };
}

/**
 * Share of the false-alert budget that belongs to how a key is used, as a price in surprise: about three in a hundred.
 * The rest of the budget is for who uses it, which finds far more thefts for each false alert.
 */
const REST_PRICE = 1.5;
/** The weaker of the two adds a quarter of itself: they come together in honest life too. */
const WEAKER = 0.25;

/** The surprise of an incident from that of its actor and the calibrated one of the rest. Rounded to thousandths. */
export function total(actor: number, rest: number): number {
  const priced = Math.max(0, rest - REST_PRICE);
  const sum = Math.max(actor, priced) + WEAKER * Math.min(actor, priced);
  return Math.round(sum * 1000) / 1000;
}

/**
 * What a deployment, an outage, a migration or a busy day changes supports a suspicion, but is no sign that somebody else
 * is here: harmless newcomers bring their own volume and failures with them.
 */
const noSign: ReadonlySet<Facet> = new Set(['actor', 'volume', 'errors', 'auth', 'routes', 'joint']);

/**
 * How many different facets carry evidence of at least `surprise`: place, client, hour and declared limits. The actor is
 * no sign of its own beside place and client, of which it is made. A broken rule is a sign by itself.
 */
export function signs(evidence: readonly Evidence[], surprise: number): number {
  const seen = new Set<Facet>();
  for (const e of evidence)
    if (e.kind === 'rule' || (!noSign.has(e.facet) && e.surprise >= surprise)) seen.add(e.facet);
  return seen.size;
}
