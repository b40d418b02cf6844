import { type AlertDocument, ECS_VERSION } from '../domain/alert';
import { causeId } from './incident';

/** An owner's answer about a key, and what came of it, in words. */
export interface OwnerAnswer {
  readonly action: 'this-was-me' | 'suspend-now';
  readonly key: string;
  /** Of the link: the same answer has the same id. */
  readonly linkId: string;
  readonly result: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
}

/** The notice that an owner has answered. Names the key in `related.user` alone, so that it never counts as the key's behaviour. */
export function tellOwner(
  { action, key, linkId, result, at }: OwnerAnswer,
  mode: 'dry-run' | 'enforce',
): AlertDocument {
  const said = action === 'this-was-me' ? 'that it was them' : 'that it was not them';
  return {
    '@timestamp': new Date(at).toISOString(),
    ecs: { version: ECS_VERSION },
    message: 'Owner of a key has answered',
    event: {
      id: causeId('owner', linkId),
      kind: 'event',
      category: ['iam'],
      type: ['info'],
      action: `owner-said-${action}`,
      outcome: 'success',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: 0,
      severity: action === 'this-was-me' ? 21 : 73,
      reason: `The owner of ${key} says by their link ${said}: ${result}.`,
      sequence: 0,
    },
    related: { user: [key] },
    keywatch: { mode, action: 'observe', evidence: [] },
  };
}
