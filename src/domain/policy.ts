import { z } from 'zod';
import { type Action, actions } from './action';
import { type Facet, facets } from './evidence';

/** One rule of the ordered policy; the configuration's `policy.rules` has this shape. */
export interface Rule {
  readonly name: string;
  readonly when: {
    readonly tiers?: readonly string[] | undefined;
    readonly risk: number;
    readonly confidence: number;
    readonly signs: number;
    readonly surprise: number;
    readonly actor?: number | undefined;
    readonly facets?: readonly Facet[] | undefined;
    readonly rule?: boolean | undefined;
  };
  readonly action: Action;
  /** Milliseconds. */
  readonly for: number;
}

export interface Policy {
  readonly rules: readonly Rule[];
  /** A second list, decided beside `rules` without any effect. */
  readonly shadow?: readonly Rule[] | undefined;
  readonly tiers: readonly { readonly match: string; readonly tier: string }[];
  readonly defaultTier: string;
}

const name = z.string().max(64);
const rule = z.strictObject({
  name,
  when: z.strictObject({
    tiers: z.array(z.string()).optional(),
    risk: z.number(),
    confidence: z.number(),
    signs: z.number(),
    surprise: z.number(),
    actor: z.number().optional(),
    facets: z.array(z.enum(facets)).optional(),
    rule: z.boolean().optional(),
  }),
  action: z.enum(actions),
  for: z.number(),
});

/** A policy as the configuration makes it, defaults and durations settled: what a log or a checkpoint holds. */
export const settledPolicy: z.ZodType<Policy> = z.strictObject({
  rules: z.array(rule).max(64),
  shadow: z.array(rule).max(64).optional(),
  tiers: z.array(z.strictObject({ match: z.string().max(256), tier: name })).max(1_000),
  defaultTier: name,
});
