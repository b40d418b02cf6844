import type { Evidence, Facet } from '../domain/evidence';
import type { Observation } from '../domain/observation';
import type { BoundDetector } from './detector';

const none: readonly Evidence[] = [];

/** From so many keys in use on one day on, a partition is a fleet that a key can be compared with. */
export const FLEET_KEYS = 10;
/** Facets whose expectation leans on the other keys: their rates of newcomers, their movement just now. */
const leaning: ReadonlySet<Facet> = new Set(['actor', 'volume', 'errors', 'auth']);

/**
 * What the detectors make of an event, in their order. With fewer than ten keys in use, what moves on all of them can not
 * be told from what happens to one: evidence says so, and its confidence falls evenly down to a half for a key alone.
 */
export function score(
  detectors: readonly BoundDetector[],
  row: number,
  o: Observation,
  activeKeys: number,
): readonly Evidence[] {
  let evidence: Evidence[] | undefined;
  for (const detector of detectors) {
    const found = detector.score(row, o);
    if (found === undefined) continue;
    const piece = activeKeys >= FLEET_KEYS || found.kind === 'rule' ? found : amongFew(found, activeKeys);
    if (evidence === undefined) evidence = [piece];
    else evidence.push(piece);
  }
  return evidence ?? none;
}

/** The share of confidence that is left with so many keys in use, 0.5–1. */
export function fleetConfidence(activeKeys: number): number {
  return Math.min(1, 0.5 + (0.5 * Math.max(0, activeKeys - 1)) / (FLEET_KEYS - 1));
}

function amongFew(evidence: Evidence, activeKeys: number): Evidence {
  const others = activeKeys - 1;
  const few =
    others === 0
      ? 'no other key in use to compare with'
      : `${others} other key${others > 1 ? 's' : ''} in use to compare with`;
  return {
    ...evidence,
    confidence: evidence.confidence * fleetConfidence(activeKeys),
    expected: leaning.has(evidence.facet) ? `${evidence.expected}; ${few}` : evidence.expected,
  };
}
