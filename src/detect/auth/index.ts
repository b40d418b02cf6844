import { failureDetector } from '../failures';

/** Requests answered 401 or 403: a key tried where it has no business, or one that is no longer valid. */
export const auth = failureDetector({
  name: 'auth',
  facet: 'auth',
  plural: 'denials (401 or 403)',
  counts: (o) => o.denied,
});
