import { createHash } from 'node:crypto';
import { type AlertDocument, ECS_VERSION } from '../../domain/alert';
import type { SignedHead } from './head';

/** A head for the outputs: whoever keeps it can tell later what was cut off the log. The id is derived from chain and sequence. */
export function tellHead(head: SignedHead, mode: 'dry-run' | 'enforce'): AlertDocument {
  const { chain, covers, ...rest } = head;
  return {
    '@timestamp': head.at,
    ecs: { version: ECS_VERSION },
    message: 'Head of the audit log',
    event: {
      id: createHash('sha256').update(`audit-head\0${chain}\0${covers}`).digest('hex').slice(0, 32),
      kind: 'event',
      category: ['configuration'],
      type: ['info'],
      action: 'audit-head',
      outcome: 'success',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: 0,
      severity: 21,
      reason: `The audit log had ${covers} records, the last of them with the hash ${head.hash}.`,
      sequence: covers,
    },
    keywatch: { mode, action: 'observe', evidence: [], audit: { chain, sequence: covers, ...rest } },
  };
}
