import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cefLine } from '../../../src/adapters/siem/cef';
import { cimAlert } from '../../../src/adapters/siem/cim';
import { cloudEventHeaders } from '../../../src/adapters/siem/cloudevents';
import { formatted } from '../../../src/adapters/siem/format';
import { slackMessage } from '../../../src/adapters/siem/slack';
import { teamsMessage } from '../../../src/adapters/siem/teams';
import { hecEvent } from '../../../src/adapters/splunk/hec';
import { syslogMessage } from '../../../src/adapters/syslog/message';
import type { AlertDocument } from '../../../src/domain/alert';
import { closedUpdate, hostileAlert, openedAlert, suspendedNotice } from '../../support/siem-alerts';

const links = { incident: 'https://siem.example/incidents/{incident}?alert={alert}' };
const splunk = { index: 'security', source: 'keywatch', sourcetype: 'keywatch:alert', host: 'guard-0' };
const frame = { facility: 'local0', hostname: 'guard-0', version: '0.1.0', maxBytes: 8_192 } as const;

const formats: Readonly<Record<string, (document: AlertDocument) => unknown>> = {
  ecs: formatted('ecs'),
  ocsf: formatted('ocsf'),
  cef: (document) => cefLine(document, '0.1.0'),
  cim: cimAlert,
  'splunk-hec': (document) => JSON.parse(hecEvent(document, splunk)),
  'syslog-cef': (document) => syslogMessage(document, frame),
  cloudevents: (document) => cloudEventHeaders(document, 'keywatch'),
  slack: (document) => slackMessage(document, links),
  teams: (document) => teamsMessage(document, links),
};

const hostile = hostileAlert(
  'a|b\\c=d e\nf\r\0\u001b[31m\u2028\ud800 <!channel> <https://evil.example|x> @here [y](https://z.example)',
);

/** Written by the formats once, and read by a person: a change here is a change for every receiver. */
test.each(Object.keys(formats))('%s: documents look as they did', (name) => {
  const golden = JSON.parse(readFileSync(join(__dirname, 'golden', `${name}.json`), 'utf8'));
  const format = formats[name]!;
  const made = {
    opened: format(openedAlert),
    closed: format(closedUpdate),
    notice: format(suspendedNotice),
    hostile: format(hostile),
  };
  // What is not JSON (a lone surrogate in ECS, which is passed on as it is) compares as its escapes.
  expect(JSON.parse(JSON.stringify(made))).toEqual(golden);
});
