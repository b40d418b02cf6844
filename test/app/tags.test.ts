import { engineSettings } from '../../src/app/core';
import { configSchema } from '../../src/config';
import { IncidentBook } from '../../src/decide/book';
import { alertDocument } from '../../src/domain/alert';
import { T0 } from '../support/events';
import { aPiece } from '../support/evidence';

/** The first alert about a newcomer who is far from all that the key knew, under a configuration. */
function firstAlert(alerting: object) {
  const settings = engineSettings(configSchema.parse({ source: { kind: 'stdin' }, alerting }), 0);
  const asIs = { turn() {}, note() {}, surprise: (score: number) => score, keyDays: () => 0 };
  const out = { alerts: [], requests: [] };
  new IncidentBook(settings, asIs).consider(
    {
      key: 'k1',
      keyKind: 'credential',
      keyName: '',
      tenant: '',
      actor: 7,
      ip: '203.0.113.50',
      country: 'BR',
      userAgent: 'curl/8',
      ts: T0,
      row: 0,
      evidence: [
        aPiece({ detector: 'newcomer', facet: 'actor', surprise: 4, aboutActor: true }),
        aPiece({ detector: 'volume', surprise: 3 }),
      ],
    },
    out,
  );
  return alertDocument.parse(out.alerts[0]);
}

test('an alert carries the tags of its evidence, once each, and the version of ATT&CK', () => {
  const { threat, keywatch } = firstAlert({});
  expect(threat?.technique.subtechnique?.id).toEqual(['T1550.001', 'T1078.004']);
  expect(threat?.technique.id).toEqual(['T1550', 'T1078', 'T1119']);
  expect(keywatch).toMatchObject({ attack_version: '18', owasp: ['API2:2023', 'API4:2023'] });
  expect(keywatch.evidence.map(({ tags }) => tags)).toEqual([
    ['T1550.001', 'T1078.004', 'API2:2023'],
    ['T1119', 'API4:2023'],
  ]);
});

test('or those of the configuration', () => {
  const { threat, keywatch } = firstAlert({
    attackVersion: '19',
    tags: { newcomer: ['API6:2023'], volume: ['T1496.004'] },
  });
  expect(threat).toEqual({
    framework: 'MITRE ATT&CK',
    tactic: { id: ['TA0040'], name: ['Impact'] },
    technique: {
      id: ['T1496'],
      name: ['Resource Hijacking'],
      subtechnique: { id: ['T1496.004'], name: ['Cloud Service Hijacking'] },
    },
  });
  expect(keywatch).toMatchObject({ attack_version: '19', owasp: ['API6:2023'] });
});
