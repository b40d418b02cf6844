import { type AlertDocument, ECS_VERSION } from '../domain/alert';
import type { TrafficIncident, TrafficMovement } from '../domain/traffic';
import { causeId } from './incident';

/**
 * The notice that traffic of everybody together is unusual: no alert, names no key. The id is derived from partition and
 * window.
 */
export function tellTraffic(incident: TrafficIncident, partition: number, mode: 'dry-run' | 'enforce'): AlertDocument {
  const { movements, from, until } = incident;
  const minutes = Math.round((until - from) / 60_000);
  return {
    '@timestamp': iso(until),
    ecs: { version: ECS_VERSION },
    message: 'Traffic is unusual',
    event: {
      id: causeId('traffic', partition, from),
      kind: 'event',
      category: ['api'],
      type: ['info'],
      action: 'traffic-unusual',
      outcome: 'unknown',
      module: 'keywatch',
      dataset: 'keywatch.alert',
      start: iso(from),
      end: iso(until),
      risk_score: 0,
      severity: 21,
      reason: reasonOf(movements, minutes),
      sequence: 0,
    },
    keywatch: {
      mode,
      action: 'observe',
      evidence: movements.map((movement, i) => ({
        detector: 'traffic',
        facet: movement.measure === 'failures' ? 'errors' : 'volume',
        kind: 'statistical',
        surprise: i === 0 ? Math.round(incident.surprise * 1000) / 1000 : 0,
        confidence: 1,
        saw: `${sawOf(movement)} within ${minutes} minutes`,
        expected: expectedOf(movement),
        since: iso(movement.since),
      })),
    },
  };
}

function reasonOf(movements: readonly TrafficMovement[], minutes: number): string {
  const [first, ...others] = movements;
  const also = others.length === 0 ? '' : ` Also unusual: ${others.map(sawOf).join('; ')}.`;
  return `Saw ${sawOf(first)} within ${minutes} minutes. Expected ${expectedOf(first)}, since ${day(first.since)}.${also}`;
}

function sawOf({ subject, name, measure, saw }: TrafficMovement): string {
  if (measure === 'failures') return `${percent(saw)} of all requests refused or failed (401, 403, 429, 5xx)`;
  if (measure === 'keys') return `${count(saw)} keys in use`;
  return `${count(saw)} requests ${subject === 'fleet' ? 'in all' : whose(subject, name)}`;
}

function whose(subject: 'route' | 'tenant', name: string): string {
  if (name === '') return `${subject === 'route' ? 'to' : 'of'} one of the busiest ${subject}s`;
  return subject === 'route' ? `to ${name}` : `of tenant ${name}`;
}

function expectedOf({ measure, expected, nearest }: TrafficMovement): string {
  const words = measure === 'failures' ? percent : count;
  return `about ${words(Math.max(0, expected))} at this hour of the week; nearest before: ${words(nearest)}`;
}

function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function day(ms: number): string {
  return iso(ms).slice(0, 10);
}
