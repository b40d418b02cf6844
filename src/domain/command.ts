import { z } from 'zod';
import { type Facet, facets } from './evidence';

/**
 * A person declares that a key's use will change: until then its newcomers and its new habits are learned without
 * suspicion, and evidence of the named facets stays silent. Declared limits hold all the same.
 */
export const expectation = z.strictObject({
  key: z.string().min(1).max(1024),
  facets: z.array(z.enum(facets)).min(1),
  /** Event time, milliseconds; no later than a date can be. */
  until: z.number().int().min(0).max(8.64e15),
  by: z.string().min(1).max(256),
});

export type Expectation = z.infer<typeof expectation>;

/**
 * Facets that may be expected to change: all but declared limits, which are changed where they are declared, and what
 * is made of the other facets.
 */
export const expectable: readonly Facet[] = facets.filter((facet) => facet !== 'limits' && facet !== 'joint');

/**
 * What reaches Detect besides events: it takes effect at its place in the partition's log, and again there in every
 * replay. An inventory is named by its digest; its rows lie in the inventory store.
 */
export type Command =
  | { readonly type: 'inventory'; readonly digest: string }
  | ({ readonly type: 'expect' } & Expectation);

/** Commands that reach Detect as they are; an inventory comes with its rows. */
export type DirectCommand = Exclude<Command, { type: 'inventory' }>;
