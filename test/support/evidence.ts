import type { Evidence } from '../../src/domain/evidence';
import { T0 } from './events';

/** A piece of statistical evidence of surprise 2 about the key's use; override what the test is about. */
export function aPiece(over: Partial<Evidence> = {}): Evidence {
  return {
    detector: over.facet ?? 'volume',
    facet: 'volume',
    kind: 'statistical',
    surprise: 2,
    confidence: 0.8,
    saw: 'what was seen',
    expected: 'what is usual',
    since: T0,
    aboutActor: false,
    ...over,
  };
}
