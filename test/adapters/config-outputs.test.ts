import { readConfig } from '../../src/adapters/config-file';
import { detectors } from '../../src/detect/registry';

const faults = (...alerts: object[]): string[] => {
  const document = JSON.stringify({ source: { kind: 'stdin' }, alerts });
  const read = readConfig(document, { checkFiles: false, detectors: detectors.map(({ name }) => name) });
  return read.ok ? [] : read.faults.map(({ path, expected }) => `${path}: ${expected}`);
};

const splunk = { kind: 'splunk', url: 'https://splunk.example:8088', tokenFrom: 'env:TOKEN' };
const syslog = { kind: 'syslog', host: 'siem.example' };
const webhook = { kind: 'webhook', url: 'https://siem.example/in' };
const chat = { kind: 'chat', style: 'slack', urlFrom: 'env:SLACK_URL' };

test('each output is sound with what it needs', () => {
  expect(faults(splunk, syslog, webhook, chat)).toEqual([]);
});

test.each([
  [{ ...splunk, url: 'http://splunk.example:8088' }, 'alerts[0].url: expected https://'],
  [{ ...splunk, url: 'https://u:p@splunk.example' }, 'alerts[0].url: expected no user or password'],
  [
    { ...splunk, url: 'https://splunk.example/services/collector' },
    'alerts[0].url: expected the address without a path',
  ],
  [{ ...splunk, url: 'http://s.example', allowHttp: true, tls: { caFile: 'ca.pem' } }, 'since tls is given'],
  [{ ...splunk, tokenFrom: '12345678-1234' }, 'alerts[0].tokenFrom: expected env:NAME'],
  [{ ...splunk, ackTimeout: '0s' }, 'alerts[0].ackTimeout: expected more than zero'],
  [{ ...syslog, protocol: 'udp', tls: { caFile: 'ca.pem' } }, 'alerts[0].tls: expected protocol: tls beside it'],
  [{ ...syslog, tls: { certFile: 'c.pem' } }, 'alerts[0].tls.keyFile: required beside'],
  [{ ...syslog, maxBytes: 100 }, 'alerts[0].maxBytes'],
  [{ ...webhook, url: 'https://10.0.0.7/in' }, 'alerts[0].allowPrivate: expected to name the private address'],
  [{ ...webhook, url: 'http://siem.example/in' }, 'alerts[0].url: expected https://'],
  [{ ...webhook, timeout: '0s' }, 'alerts[0].timeout: expected more than zero'],
  [{ ...chat, urlFrom: 'https://hooks.example/T0/B0/x' }, 'alerts[0].urlFrom: expected env:NAME'],
  [{ ...chat, links: { incident: 'https://{incident}.evil.example/' } }, 'alerts[0].links.incident: expected a URL'],
  [{ ...chat, links: { incident: 'javascript:alert({incident})' } }, 'alerts[0].links.incident: expected a URL'],
])('%j: %s', (output, expected) => {
  expect(faults(output)).toEqual([expect.stringContaining(expected)]);
});

test.each([
  [splunk, 'url'],
  [syslog, 'host'],
  [webhook, 'url'],
  [chat, 'urlFrom'],
])('two outputs to one receiver would miss what the other delivered: %j', (output, field) => {
  expect(faults(output, output)).toEqual([
    expect.stringContaining(`alerts[1].${field}: expected a receiver of its own; alerts[0] uses the same`),
  ]);
});

test('a private receiver may be named, and one host may have several syslog ports and Splunk indexes', () => {
  expect(faults({ ...webhook, url: 'https://10.0.0.7/in', allowPrivate: ['10.0.0.0/8'] })).toEqual([]);
  expect(faults(syslog, { ...syslog, port: 7_000 }, { ...syslog, protocol: 'udp' })).toEqual([]);
  expect(faults(splunk, { ...splunk, index: 'other' })).toEqual([]);
});
