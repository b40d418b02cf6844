import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { systemDisk } from '../../src/adapters/doctor/disk';
import type { Finding } from '../../src/adapters/doctor/finding';
import { templatesOf } from '../../src/adapters/elasticsearch/templates';
import { examine } from '../../src/app/doctor';
import { findingsText } from '../../src/bin/doctor';
import { configSchema } from '../../src/config';
import { temporaryDirectories } from '../support/files';
import { describeKafka, describeOwnKafka, type KafkaBench, ownBroker, uniqueName, withKafka } from '../support/kafka';

const directory = temporaryDirectories();
const DAY = 86_400_000;
const HOUR = 3_600_000;

interface Given {
  readonly source?: object;
  readonly alerts?: readonly object[];
}

const run = async (given: Given, options: Partial<Parameters<typeof examine>[0]> = {}) => {
  const dir = await directory();
  const config = configSchema.parse({ source: { kind: 'stdin' }, state: { dir }, ...given });
  return examine({ config, fileFaults: [], now: Date.now, ...options });
};
const of = (findings: readonly Finding[], check: string) => findings.find((finding) => finding.check === check);
const wrong = (findings: readonly Finding[]) => findings.filter(({ standing }) => standing !== 'ok');

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
const listening = async (server: ReturnType<typeof createServer>) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
};
const serving = async (listener: RequestListener) => {
  const server = createHttpServer(listener);
  const port = await listening(server);
  closing.unshift(async () => server.closeAllConnections());
  return `http://127.0.0.1:${port}`;
};

test('a full disk fails, and the rest is looked at all the same', async () => {
  const disk = {
    ...systemDisk,
    free: async () => 0,
    probe: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
  };
  const findings = await run({}, { disk, fileFaults: ['enforce.webhook.secretFrom: the file /s cannot be read'] });
  expect(wrong(findings).map(({ check, standing }) => [check, standing])).toEqual([
    ['configuration', 'failed'],
    ['state directory', 'failed'],
    ['free space', 'failed'],
  ]);
  expect(findingsText(findings)).toContain('3 failed');
  for (const { todo } of wrong(findings)) expect(todo).toBeTruthy();
});

describe('a broker that is none', () => {
  const source = (port: number) => ({ kind: 'kafka', brokers: [`127.0.0.1:${port}`], topic: 'usage' });

  test('nothing listens', async () => {
    const findings = await run({ source: source(1) });
    expect(wrong(findings)).toEqual([expect.objectContaining({ check: 'Kafka brokers', standing: 'failed' })]);
    expect(of(findings, 'Kafka brokers')?.saw).toContain('ECONNREFUSED');
  });

  test('it takes connections and never answers', async () => {
    const port = await listening(createServer((socket) => void socket.on('error', () => undefined).resume()));
    const findings = await run({ source: source(port) });
    expect(wrong(findings)).toEqual([
      expect.objectContaining({ check: 'Kafka login', saw: expect.stringContaining('there is no answer') }),
    ]);
  });
});

describe('Elasticsearch', () => {
  type Rules = (request: IncomingMessage) => { status: number; body: unknown } | undefined;
  const installed: Rules = ({ url }) => {
    const found = templatesOf({ retentionMs: 90 * DAY }).find(({ path }) => url === `/${path}`);
    if (found === undefined) return undefined;
    const kind = found.what === 'index template' ? 'index_template' : 'component_template';
    return { status: 200, body: { [`${kind}s`]: [{ name: found.name, [kind]: found.body }] } };
  };
  const rules: Rules = ({ url }) => {
    if (url === '/') return { status: 200, body: { version: { number: '8.17.0' } } };
    if (url === '/_security/user/_has_privileges') return { status: 200, body: { has_all_requested: true } };
    return undefined;
  };
  const double = (answer: Rules, date?: string) =>
    serving((request, response) => {
      const { status, body } = answer(request) ?? { status: 404, body: {} };
      if (date !== undefined) response.setHeader('date', date);
      response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body));
    });
  const look = async (answer: Rules, date?: string) => {
    const url = await double(answer, date);
    const output = { kind: 'elasticsearch', nodes: [url], allowHttp: true };
    return { findings: await run({ alerts: [output] }), name: `Elasticsearch ${new URL(url).host}` };
  };

  test('sound: version, credentials, templates and clock', async () => {
    const { findings, name } = await look((request) => rules(request) ?? installed(request));
    expect(wrong(findings)).toEqual([]);
    expect(of(findings, name)?.saw).toContain('8.17.0');
    expect(of(findings, 'clock')?.saw).toBe(`agrees with ${name}`);
  });

  test('401: the credentials are refused', async () => {
    const { findings, name } = await look(() => ({ status: 401, body: { error: { type: 'security_exception' } } }));
    expect(wrong(findings)).toEqual([expect.objectContaining({ check: `${name} credentials`, standing: 'failed' })]);
  });

  test('without templates', async () => {
    const { findings, name } = await look(rules);
    expect(wrong(findings)).toEqual([expect.objectContaining({ check: `${name} templates`, standing: 'failed' })]);
    expect(of(findings, `${name} templates`)?.todo).toContain('keywatch setup elasticsearch');
  });

  test('rights too small to see the templates are no fault', async () => {
    const { findings, name } = await look(
      (request) =>
        (request.url === '/' ? undefined : rules(request)) ?? {
          status: 403,
          body: { error: { type: 'security_exception' } },
        },
    );
    expect(wrong(findings)).toEqual([expect.objectContaining({ check: `${name} templates`, standing: 'warning' })]);
  });

  test('a clock an hour off', async () => {
    const date = new Date(Date.now() - HOUR).toUTCString();
    const { findings, name } = await look((request) => rules(request) ?? installed(request), date);
    expect(wrong(findings)).toEqual([
      expect.objectContaining({ check: 'clock', standing: 'failed', saw: `this machine is 60 min ahead of ${name}` }),
    ]);
  });
});

describe('other outputs', () => {
  const splunk = async (status: number) => {
    const url = await serving((request, response) => {
      response.writeHead(request.url === '/services/collector/health' ? status : 404).end('{}');
    });
    process.env.DOCTOR_TOKEN = 'token-4711';
    return run({ alerts: [{ kind: 'splunk', url, allowHttp: true, tokenFrom: 'env:DOCTOR_TOKEN' }] });
  };

  test('Splunk: healthy, a refused token, full queues; the token is in no text', async () => {
    expect(wrong(await splunk(200))).toEqual([]);
    const refused = await splunk(403);
    expect(wrong(refused)).toEqual([expect.objectContaining({ saw: 'the token is refused (HTTP 403)' })]);
    expect(JSON.stringify(refused)).not.toContain('4711');
    expect(wrong(await splunk(503))[0]?.saw).toContain('not healthy');
  });

  test('syslog, webhook, file and a secret that is missing', async () => {
    const port = await listening(createServer((socket) => void socket.on('error', () => undefined).resume()));
    const dir = await directory();
    const good = await run({
      alerts: [
        { kind: 'syslog', protocol: 'tcp', host: '127.0.0.1', port },
        { kind: 'webhook', url: 'https://127.0.0.1/hook', allowPrivate: ['127.0.0.1'] },
        { kind: 'file', path: join(dir, 'alerts.ndjson') },
      ],
    });
    expect(wrong(good)).toEqual([]);
    const bad = await run({
      alerts: [
        { kind: 'syslog', protocol: 'tcp', host: '127.0.0.1', port: 1 },
        { kind: 'webhook', url: 'https://127.0.0.1/hook' },
        { kind: 'file', path: dir },
        { kind: 'chat', style: 'slack', urlFrom: 'env:DOCTOR_NO_SUCH' },
      ],
    });
    expect(wrong(bad).map(({ standing }) => standing)).toEqual(['failed', 'failed', 'failed', 'failed']);
    expect(wrong(bad)[3]).toMatchObject({ check: 'alerts[3]', saw: expect.stringContaining('is not set') });
  });
});

const usage = (i: number, at: number) =>
  JSON.stringify({
    ts: new Date(at).toISOString(),
    key: `k_${i % 3}`,
    ip: '192.0.2.1',
    method: 'GET',
    path: '/',
    status: 200,
  });

describeKafka('a real broker', () => {
  let bench: KafkaBench;
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(() => bench.close());
  const source = (topic: string) => ({ kind: 'kafka', brokers: bench.brokers, topic, group: uniqueName('group') });
  const fill = async (topic: string, count: number, keyed: boolean) => {
    const at = Date.now();
    const messages = Array.from({ length: count }, (_, i) => ({
      key: keyed ? `k_${i % 3}` : null,
      value: usage(i, at),
    }));
    await bench.producer.send({ topic, messages });
  };

  test('a sound set-up is all ok, and no group is left with a place', async () => {
    const topic = await bench.topic(2);
    await fill(topic, 120, true);
    const asked = source(topic);
    const findings = await run({ source: asked, alerts: [{ kind: 'kafka', brokers: bench.brokers, topic }] });
    expect(wrong(findings)).toEqual([]);
    expect(of(findings, 'records')?.saw).toMatch(
      /^\d+ records: \d+ requests of 3 keys, 0 without a key; format keywatch/,
    );
    expect(of(findings, 'record keys')?.saw).toBe('every record has a key');
    const offsets = await bench.admin.fetchOffsets({ groupId: asked.group, topics: [topic] });
    expect(offsets[0]?.partitions.map(({ offset }) => offset)).toEqual(['-1', '-1']);
  });

  test('a missing topic, for the log and for alerts', async () => {
    const findings = await run({
      source: source('not-there'),
      alerts: [{ kind: 'kafka', brokers: bench.brokers, topic: 'not-there-either' }],
    });
    expect(wrong(findings).map(({ check, saw }) => [check, saw])).toEqual([
      ['Kafka topic not-there', 'topic not-there does not exist'],
      ['alerts[0] Kafka topic not-there-either', 'topic not-there-either does not exist'],
    ]);
  });

  test('short retention, records without keys, and what is no usage log are told', async () => {
    const topic = await bench.topic(2, { 'retention.ms': String(DAY) });
    await fill(topic, 20, false);
    expect(wrong(await run({ source: source(topic) })).map(({ check }) => check)).toEqual(['retention', 'record keys']);
    const other = await bench.topic(1);
    await bench.producer.send({ topic: other, messages: [{ key: 'a', value: '{"hello":"secret-4711"}' }] });
    const findings = await run({ source: source(other) });
    expect(wrong(findings)).toEqual([expect.objectContaining({ check: 'records', standing: 'failed' })]);
    expect(JSON.stringify(findings)).not.toContain('4711');
  });

  test('this clock an hour behind the records', async () => {
    const topic = await bench.topic(1);
    await fill(topic, 5, true);
    const findings = await run({ source: source(topic) }, { now: () => Date.now() - HOUR });
    expect(wrong(findings)).toEqual([expect.objectContaining({ check: 'clock', standing: 'failed' })]);
  });
});

describeOwnKafka('a broker that wants to know who asks', () => {
  test.each(['plain', 'scram-sha-512'] as const)('a wrong password of SASL %s is told as such', async (mechanism) => {
    const { secure } = await ownBroker();
    if (!secure) throw new Error('the TLS listeners need openssl');
    process.env.DOCTOR_PASSWORD = 'wrong-pass-4711';
    const username = secure.users[mechanism === 'plain' ? 'plain' : 'scram'];
    const findings = await run({
      source: {
        kind: 'kafka',
        brokers: secure.sasl,
        topic: 'any',
        tls: { enabled: true, caFile: secure.certs.ca },
        sasl: { mechanism, username, passwordFrom: 'env:DOCTOR_PASSWORD' },
      },
    });
    expect(wrong(findings)).toEqual([
      expect.objectContaining({ check: 'Kafka login', saw: expect.stringContaining('password refused') }),
    ]);
    expect(JSON.stringify(findings)).not.toContain('4711');
  });
});
