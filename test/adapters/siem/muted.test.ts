import { cefLine } from '../../../src/adapters/siem/cef';
import { cimAlert } from '../../../src/adapters/siem/cim';
import { ocsfFinding } from '../../../src/adapters/siem/ocsf';
import { alertDocument } from '../../support/alerts';

const incident = { id: 'i-1', state: 'open', requests: 3 } as const;
const muted = alertDocument({ kind: 'event', keywatch: { incident, muted: 'load-test' } });
const plain = alertDocument({ keywatch: { incident } });

test('OCSF: what a maintenance window muted is suppressed and no alert', () => {
  expect(ocsfFinding(muted)).toMatchObject({
    status_id: 3,
    status: 'Suppressed',
    is_alert: false,
    unmapped: { keywatch: { muted: 'load-test' } },
  });
  expect(ocsfFinding(plain)).toMatchObject({ status_id: 1, is_alert: true });
});

test('CIM and CEF: it is an event, and names the window', () => {
  expect(cimAlert(muted)).toMatchObject({ type: 'event', keywatch: { muted: 'load-test' } });
  expect(cefLine(muted, '1')).toContain(' flexString2=load-test flexString2Label=muted ');
  expect(cefLine(plain, '1')).not.toContain('muted');
});
