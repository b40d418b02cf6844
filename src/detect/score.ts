import type { Evidence } from '../domain/evidence';
import type { Observation } from '../domain/observation';
import type { BoundDetector } from './detector';

const none: readonly Evidence[] = [];

/** What the detectors make of an event, in their order. */
export function score(detectors: readonly BoundDetector[], row: number, o: Observation): readonly Evidence[] {
  let evidence: Evidence[] | undefined;
  for (const detector of detectors) {
    const piece = detector.score(row, o);
    if (piece === undefined) continue;
    if (evidence === undefined) evidence = [piece];
    else evidence.push(piece);
  }
  return evidence ?? none;
}
