import { causeId } from '../decide/incident';
import { type AlertDocument, ECS_VERSION } from '../domain/alert';
import type { Learned } from './learning';

/**
 * The notice that a partition has learned its history, and that alerts and actions are on from here. Names no key. The id is derived
 * from the partition and the end of its history: the same after a crash.
 */
export function tellLearned(learned: Learned, partition: number, mode: 'dry-run' | 'enforce'): AlertDocument {
  const { keys, mature, events, from, until } = learned;
  const seen = events > 0;
  return {
    '@timestamp': iso(until),
    ecs: { version: ECS_VERSION },
    message: 'History learned',
    event: {
      id: causeId('history', partition, until),
      kind: 'event',
      category: ['configuration'],
      type: ['info'],
      action: 'history-learned',
      outcome: 'success',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      start: seen ? iso(from) : undefined,
      end: seen ? iso(until) : undefined,
      risk_score: 0,
      severity: 21,
      reason: `Partition ${partition} learned ${told(learned)}. ${mature} keys are mature, ${keys - mature} too young to be acted on. Alerts and actions are on from here.`,
      sequence: 0,
    },
    keywatch: { mode, action: 'observe', evidence: [] },
  };
}

const told = ({ events, from, until }: Learned): string =>
  events === 0 ? 'from no event' : `from ${events} events, from ${iso(from)} to ${iso(until)}`;

const iso = (ms: number): string => new Date(ms).toISOString();
