import type { AlertDocument } from '../../src/domain/alert';

interface AlertParts {
  readonly id?: string;
  readonly reason?: string;
  readonly kind?: 'alert' | 'event';
  readonly severity?: AlertDocument['event']['severity'];
  readonly user?: AlertDocument['user'] | undefined;
  readonly keywatch?: Partial<AlertDocument['keywatch']>;
}

/** A small alert document that keeps to the schema. */
export function alertDocument(parts: AlertParts = {}): AlertDocument {
  const { id = 'alert-1', reason = 'Something is odd', kind = 'alert', severity = 73, keywatch = {} } = parts;
  const user = 'user' in parts ? parts.user : { id: 'key-1', name: 'billing' };
  return {
    '@timestamp': '2024-03-01T10:00:00.000Z',
    ecs: { version: '8.17.0' },
    message: 'Unusual use of an API key',
    event: {
      id,
      kind,
      category: ['api', 'intrusion_detection'],
      type: ['info'],
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: 88,
      severity,
      reason,
      sequence: 0,
    },
    ...(user === undefined ? {} : { user }),
    keywatch: { mode: 'dry-run', action: 'alert', evidence: [], ...keywatch },
  };
}
