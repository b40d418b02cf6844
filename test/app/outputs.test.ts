import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { alertSinkOf } from '../../src/app/outputs';
import { type Config, configSchema } from '../../src/config';
import type { Terminal } from '../../src/options';
import { makeCertificates } from '../support/certificates';
import { temporaryDirectories } from '../support/files';
import { hecDouble } from '../support/hec-double';
import { httpReceiver, type Received } from '../support/http-receiver';
import { openedAlert } from '../support/siem-alerts';
import { streamReceiver } from '../support/syslog-receiver';

const directory = temporaryDirectories();

const outputOf = (output: object): Config['alerts'][number] =>
  configSchema.parse({ source: { kind: 'stdin' }, alerts: [output] }).alerts[0]!;
const sinkOf = (output: object) =>
  alertSinkOf(
    outputOf(output),
    {} as Terminal,
    () => {},
    () => Promise.reject(new Error('set aside')),
    '0.1.0',
  );
const secretFile = async (text: string) => {
  const path = join(await directory(), 'secret');
  await writeFile(path, `${text}\n`);
  return `file:${path}`;
};

test('splunk: token from its file, index and host as configured', async () => {
  const double = await hecDouble('token-1', { ack: true });
  const sink = sinkOf({
    kind: 'splunk',
    url: double.url,
    allowHttp: true,
    tokenFrom: await secretFile('token-1'),
    index: 'security',
    host: 'guard-0',
    acknowledge: true,
  });
  await sink.write([openedAlert]);
  expect(double.indexed).toMatchObject([{ index: 'security', host: 'guard-0', event: { id: 'al-5f0c' } }]);
  expect(sink.name).toBe(`splunk:${new URL(double.url).host}:security`);
  await sink.close();
  await double.close();
});

test('splunk: http: needs to be allowed', async () => {
  const tokenFrom = await secretFile('token-1');
  expect(() => sinkOf({ kind: 'splunk', url: 'http://splunk.example', tokenFrom })).toThrow('needs allowHttp');
});

test('syslog: TLS with the files of the configuration, version in the header', async () => {
  const dir = await directory();
  const { server } = makeCertificates(dir);
  const receiver = await streamReceiver({ ...server });
  const sink = sinkOf({
    kind: 'syslog',
    host: '127.0.0.1',
    port: receiver.port,
    hostname: 'guard-0',
    facility: 'audit',
    tls: { caFile: join(dir, 'ca.pem'), serverName: 'siem.test' },
  });
  await sink.write([openedAlert]);
  await receiver.have(1);
  expect(receiver.messages[0]).toMatch(/^<106>1 \S+ guard-0 keywatch - alert - CEF:0\|keywatch\|keywatch\|0\.1\.0\|/);
  expect(sink.name).toBe(`syslog:tls:127.0.0.1:${receiver.port}`);
  await sink.close();
  await receiver.close();
  const missing = { kind: 'syslog', host: 'x', tls: { caFile: join(dir, 'none.pem') } };
  expect(() => sinkOf(missing)).toThrow('alerts[].tls.caFile: cannot read');
});

test('webhook: format, token and signature as configured; private addresses only where they are named', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const requests: Received[] = [];
  const receiver = await httpReceiver((request) => {
    requests.push(request);
    return { status: 200 };
  });
  const output = {
    kind: 'webhook',
    url: `${receiver.url}/in/T0KEN1234567890ABCDEF`,
    format: 'ocsf',
    tokenFrom: await secretFile('bearer-1'),
    secretFrom: await secretFile(secret),
    allowHttp: true,
  };
  expect(() => sinkOf(output)).toThrow('alerts[] (webhook).allowPrivate does not name');
  const sink = sinkOf({ ...output, allowPrivate: ['127.0.0.1'] });
  await sink.write([openedAlert]);
  expect(requests).toMatchObject([
    { path: '/in/T0KEN1234567890ABCDEF', headers: { authorization: 'Bearer bearer-1' } },
  ]);
  const headers = requests[0]!.headers as Record<string, string>;
  expect(new Webhook(secret).verify(requests[0]!.body, headers)).toMatchObject({ class_uid: 2004 });
  expect(sink.name).not.toContain('T0KEN');
  await sink.close();
  await receiver.close();
});

test('chat: the URL is a secret: it is in no name and in no error', async () => {
  const bodies: string[] = [];
  const receiver = await httpReceiver(({ body }) => {
    bodies.push(body);
    return { status: bodies.length === 1 ? 200 : 403 };
  });
  const urlFrom = await secretFile(`${receiver.url}/services/T0/B0/S3CR3T`);
  const chat = { kind: 'chat', style: 'slack', urlFrom, allowHttp: true, allowPrivate: ['127.0.0.1'] };
  const sink = sinkOf({ ...chat, links: { incident: 'https://siem.example/{incident}' } });
  await sink.write([openedAlert]);
  expect(bodies[0]).toContain('"url":"https://siem.example/in-77"');
  const error = await sink.write([openedAlert]).catch((fault) => fault);
  expect([error.message, sink.name]).toEqual(['HTTP 403', expect.stringMatching(/^chat:slack:[0-9a-f]{8}$/)]);
  expect(() => sinkOf({ ...chat, allowHttp: false })).toThrow(/^alerts\[\] \(chat\)\.url: http: needs/);
  await sink.close();
  await receiver.close();
});

test('file: format and rotation', async () => {
  const dir = join(await directory(), 'out');
  await mkdir(dir);
  const path = join(dir, 'alerts.ndjson');
  const sink = sinkOf({ kind: 'file', path, format: 'ocsf', rotate: { maxBytes: 1_000, files: 1 } });
  await sink.write([openedAlert, { ...openedAlert, message: 'second' }]);
  const [older, newer] = await Promise.all([`${path}.1`, path].map((name) => readFile(name, 'utf8')));
  expect([JSON.parse(older!).message, JSON.parse(newer!).message]).toEqual([openedAlert.message, 'second']);
  expect(JSON.parse(newer!)).toMatchObject({ class_uid: 2004 });
  await sink.close();
});
