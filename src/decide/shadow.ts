import type { Action } from '../domain/action';
import type { AlertDocument } from '../domain/alert';
import { ECS_VERSION } from '../domain/alert';
import { causeId, type Incident } from './incident';
import { type Case, firstFit, type Policy } from './policy';

/** Where the shadow policy would have done otherwise. */
export interface Difference {
  readonly live: Action;
  readonly shadow: Action;
}

/** What the policy and its shadow make of one case, where they differ; undefined without a shadow. */
export function differenceOf(
  policy: Policy,
  about: Case,
): (Difference & { readonly rule: string; readonly shadowRule: string }) | undefined {
  const { shadow = [] } = policy;
  if (shadow.length === 0) return undefined;
  const ours = firstFit(policy, about);
  const theirs = firstFit({ ...policy, rules: shadow }, about);
  const live = ours?.action ?? 'observe';
  const other = theirs?.action ?? 'observe';
  if (live === other) return undefined;
  return { live, shadow: other, rule: ours?.name ?? '', shadowRule: theirs?.name ?? '' };
}

const said = (action: Action, rule: string) => (rule === '' ? `does nothing` : `asks for ${action} (rule ${rule})`);

/**
 * The notice about a difference, once an incident and pair of actions; undefined where it was told. Has no effect on the
 * key: it carries no `user` and asks for nothing.
 */
export function tellDifference(
  incident: Incident,
  found: NonNullable<ReturnType<typeof differenceOf>>,
  ts: number,
  mode: 'dry-run' | 'enforce',
): AlertDocument | undefined {
  const pair = `${found.live} ${found.shadow}`;
  if (incident.shadowed?.includes(pair)) return undefined;
  incident.shadowed = [...(incident.shadowed ?? []), pair];
  return {
    '@timestamp': new Date(ts).toISOString(),
    ecs: { version: ECS_VERSION },
    message: 'The shadow policy decides otherwise',
    event: {
      id: causeId('shadow', incident.id, pair),
      kind: 'event',
      category: ['configuration'],
      type: ['info'],
      action: 'shadow-policy-differs',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: incident.risk,
      severity: 21,
      reason: `On ${incident.keyName || incident.key} the policy ${said(found.live, found.rule)} where its shadow ${said(found.shadow, found.shadowRule)}.`,
      sequence: 0,
    },
    ...(incident.tenant === '' ? {} : { organization: { id: incident.tenant } }),
    rule: { name: found.shadowRule || 'none', ruleset: 'keywatch-shadow' },
    related: { user: [incident.key] },
    keywatch: { mode, action: found.live, evidence: [] },
  };
}
