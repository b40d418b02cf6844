import { causeId } from '../decide/incident';
import { type AlertDocument, ECS_VERSION, type Severity } from '../domain/alert';

export type CanaryResult = 'caught' | 'missed' | 'unsettled';

interface Wording {
  readonly message: string;
  readonly severity: Severity;
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly reason: string;
}

const wordings: Readonly<Record<CanaryResult, Wording>> = {
  caught: {
    message: 'Canary caught',
    severity: 21,
    outcome: 'success',
    reason: 'The planted theft of the canary key was alerted: detection works.',
  },
  missed: {
    message: 'Canary missed: detection is broken',
    severity: 99,
    outcome: 'failure',
    reason: 'The planted theft of the canary key was not alerted: a real one like it would not be either.',
  },
  unsettled: {
    message: 'Canary not caught yet',
    severity: 21,
    outcome: 'unknown',
    reason: 'The planted theft of the canary key was not alerted; its past is still too short to count on it.',
  },
};

/** What became of a planted theft. The id is derived from partition, key and time: the same in every replay. */
export function tellCanary(
  result: CanaryResult,
  key: string,
  ts: number,
  partition: number,
  mode: 'dry-run' | 'enforce',
): AlertDocument {
  const { message, severity, outcome, reason } = wordings[result];
  return {
    '@timestamp': new Date(ts).toISOString(),
    ecs: { version: ECS_VERSION },
    message,
    event: {
      id: causeId('canary', partition, key, ts),
      kind: 'event',
      category: ['configuration'],
      type: ['info'],
      action: `canary-${result}`,
      outcome,
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: 0,
      severity,
      reason,
      sequence: 0,
    },
    keywatch: { mode, action: 'observe', evidence: [], canary: true },
  };
}
