import { tellGuessing } from '../decide/guessing-notice';
import type { BoundDetector } from '../detect/detector';
import type { AlertDocument } from '../domain/alert';
import type { Observation } from '../domain/observation';
import type { EngineSettings } from './types';

/** Hands a refused request (401) to the detectors that watch networks rather than keys, and writes what they tell. */
export type Refusals = (o: Observation, known: boolean, alerts: AlertDocument[]) => void;

export function bindRefusals(
  detectors: readonly BoundDetector[],
  { partition, mode, tags }: Pick<EngineSettings, 'partition' | 'mode' | 'tags'>,
): Refusals {
  return (o, known, alerts) => {
    for (const detector of detectors) {
      const guessing = detector.refused?.(o, known);
      if (guessing !== undefined) alerts.push(tellGuessing(guessing, partition, mode, tags));
    }
  };
}
