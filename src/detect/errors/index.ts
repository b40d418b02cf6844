import { failureDetector } from '../failures';

/**
 * Requests that fail (4xx and 5xx) other than by being denied. Never enough for an alert by itself: failures have a
 * hundred honest causes. Blind to a thief whose requests succeed.
 */
export const errors = failureDetector({
  name: 'errors',
  facet: 'errors',
  plural: 'failures',
  counts: (o) => o.failed && !o.denied,
});
