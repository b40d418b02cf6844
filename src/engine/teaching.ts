import type { Standing } from '../decide/book';
import type { Observation } from '../domain/observation';

/** A key younger than this share of confidence is learned whatever its actors do: it has no past to protect. */
const IMMATURE = 0.3;
/** A suspect on probation is learned at one event in this many. */
const PROBATION = 8;

/** Whether an event of a key with so many events in its past is learned. */
export function teaches(standing: Standing, o: Observation, events: number): boolean {
  if (standing === 'trusted' || o.confidence < IMMATURE || o.expected) return true;
  return standing === 'probation' && events % PROBATION === 0;
}
