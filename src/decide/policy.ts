import type { Evidence } from '../domain/evidence';
import { globFits } from '../domain/glob';
import type { Policy, Rule } from '../domain/policy';
import { signs } from './combine';

export type { Policy, Rule } from '../domain/policy';

export interface Case {
  readonly tier: string;
  readonly risk: number;
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
}

/** The first rule that fits, or undefined (observe). */
export function firstFit(policy: Policy, about: Case): Rule | undefined {
  return policy.rules.find((rule) => fits(rule, about));
}

function fits({ when }: Rule, about: Case): boolean {
  if (when.tiers !== undefined && !when.tiers.includes(about.tier)) return false;
  if (about.risk < when.risk || about.confidence < when.confidence) return false;
  if (when.signs > 0 && signs(about.evidence, when.surprise) < when.signs) return false;
  const { actor = 0 } = when;
  if (actor > 0 && !about.evidence.some((e) => e.facet === 'actor' && e.surprise >= actor)) return false;
  if (when.facets !== undefined && !about.evidence.some((e) => when.facets!.includes(e.facet))) return false;
  return when.rule === undefined || about.evidence.some((e) => e.kind === 'rule') === when.rule;
}

/** Tier of a key: the first pattern that fits its id. `*` stands for any characters; matching takes linear time. */
export function tierOf(policy: Policy, key: string): string {
  for (const { match, tier } of policy.tiers) if (globFits(match, key)) return tier;
  return policy.defaultTier;
}
