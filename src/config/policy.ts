import { z } from 'zod';
import { actions } from '../domain/action';
import { facets } from '../domain/evidence';
import { duration } from './values';

const condition = z.strictObject({
  tiers: z.array(z.string()).optional(),
  /** Lowest risk, 0–100. */
  risk: z.number().min(0).max(100).default(0),
  /** Lowest confidence, 0–1. */
  confidence: z.number().min(0).max(1).default(0),
  /** How many of place, client, hour and declared limits must carry evidence of at least `surprise`. */
  signs: z.number().int().min(0).max(facets.length).default(0),
  surprise: z.number().min(0).max(20).default(1),
  /** Lowest surprise of who uses the key (facet `actor`): 3.5 is about one key-day in 3,000. */
  actor: z.number().min(0).max(20).default(0),
  /** Facets of which at least one must be among the evidence. */
  facets: z.array(z.enum(facets)).optional(),
  /** Asks for a broken hard rule. */
  rule: z.boolean().optional(),
});

const policyRule = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and dashes'),
  when: condition.prefault({}),
  action: z.enum(actions),
  for: duration('1h'),
});

export const defaultPolicy: readonly z.input<typeof policyRule>[] = [
  {
    name: 'likely-theft',
    when: { risk: 80, confidence: 0.5, signs: 2, surprise: 2, actor: 3.5 },
    action: 'suspend',
    for: '1h',
  },
  { name: 'unusual-use', when: { risk: 60 }, action: 'alert' },
];

export const policy = z.strictObject({
  /** First rule that fits decides; none: observe. */
  rules: z
    .array(policyRule)
    .max(64)
    .prefault(defaultPolicy.map((rule) => ({ ...rule }))),
  /** A second list, decided beside `rules` without any effect; where it would do otherwise is counted and told. */
  shadow: z.array(policyRule).max(64).default([]),
  /** First pattern that fits a key id gives its tier (`*` stands for any characters). */
  tiers: z
    .array(z.strictObject({ match: z.string().max(256), tier: z.string().max(64) }))
    .max(1_000)
    .default([]),
  defaultTier: z.string().max(64).default('standard'),
});
