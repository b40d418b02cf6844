import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../../src/bin/main';
import type { DeadLetter } from '../../src/domain/rejection';
import {
  documentsIn,
  easyPolicy,
  embedded,
  enforcing,
  environment,
  filesBelow,
  recordingReceiver,
} from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';

/**
 * One secret text in every place where a log may hold one. It has the shape of a token, but is found by its plain words
 * as well, so that a half-removed one shows.
 */
const secret = (owner: string) => `sk_live_CANARY${owner}4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c`;
const traces = ['canary', '4f9a8b7c', '0d9e8f7a6b5c', Buffer.from(secret('Own')).toString('base64').slice(0, 20)];

const START = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;

interface Request {
  readonly at: number;
  readonly owner: string;
  readonly thief: boolean;
}

/** Four keys used from one place every twenty minutes for nine days; then one of each format's keys is stolen. */
function* traffic(): Generator<Request> {
  const end = START + 9 * 1_440 * MINUTE;
  for (let at = START; at < end; at += 20 * MINUTE) {
    for (const owner of ['Own', 'Two', 'Raw', 'Four']) yield { at: at + owner.length * 1_000, owner, thief: false };
    if (at < end - 120 * MINUTE) continue;
    for (let i = 0; i < 40; i++) yield { at: at + 10_000 + i * 1_000, owner: i % 2 ? 'Own' : 'Raw', thief: true };
  }
}

const ipOf = ({ thief, owner }: Request) => (thief ? '177.71.128.9' : `93.184.216.${owner.length}`);
const agentOf = ({ thief, owner }: Request) => (thief ? `curl/8.5 (key ${secret(owner)})` : 'billing-client/2.1');
const pathOf = ({ owner, thief }: Request) =>
  `/v1/${thief ? `export/${secret(owner)}` : 'orders'}?apikey=${secret(owner)}&access_token=${secret(owner)}`;
const raw = ({ owner }: Request) => owner === 'Raw';

const formats: Readonly<Record<string, (request: Request) => unknown>> = {
  keywatch: (r) => ({
    ts: new Date(r.at).toISOString(),
    key: raw(r) ? secret(r.owner) : `key-${r.owner}`,
    keyName: `name ${secret(r.owner)}`,
    tenant: `acme ${secret(r.owner)}`,
    ip: ipOf(r),
    method: r.thief ? 'POST' : 'GET',
    path: pathOf(r),
    route: `/v1/${secret(r.owner)}`,
    status: r.thief ? 403 : 200,
    userAgent: agentOf(r),
    requestId: secret(r.owner),
    outcome: secret(r.owner).slice(0, 60),
    [secret(r.owner)]: secret(r.owner),
  }),
  kong: (r) => ({
    request: {
      id: secret(r.owner),
      method: r.thief ? 'POST' : 'GET',
      uri: pathOf(r),
      url: `https://user:${secret(r.owner)}@api.example${pathOf(r)}`,
      querystring: { apikey: secret(r.owner), page: secret(r.owner) },
      headers: {
        apikey: secret(r.owner),
        authorization: `Bearer ${secret(r.owner)}`,
        'proxy-authorization': `Basic ${Buffer.from(secret(r.owner)).toString('base64')}`,
        cookie: `session=${secret(r.owner)}`,
        'user-agent': agentOf(r),
        'x-request-id': secret(r.owner),
        'x-custom': secret(r.owner),
      },
    },
    response: { status: r.thief ? 403 : 200, size: '512', headers: { 'set-cookie': secret(r.owner) } },
    latencies: { request: 12 },
    ...(raw(r)
      ? {}
      : {
          authenticated_entity: { id: `key-${r.owner}` },
          consumer: { id: `c-${r.owner}`, username: `it is ${secret(r.owner)}`, custom_id: secret(r.owner) },
        }),
    route: { name: `route ${secret(r.owner)}` },
    service: { name: secret(r.owner) },
    workspace_name: `space ${secret(r.owner)}`,
    client_ip: ipOf(r),
    started_at: r.at,
    tries: [{ ip: secret(r.owner) }],
  }),
  'nginx-json': (r) => ({
    time: new Date(r.at).toISOString(),
    remote_addr: ipOf(r),
    request: `GET ${pathOf(r)} HTTP/1.1`,
    method: r.thief ? 'POST' : 'GET',
    uri: pathOf(r),
    args: `apikey=${secret(r.owner)}`,
    status: r.thief ? '403' : '200',
    body_bytes_sent: '512',
    ua: agentOf(r),
    http_referer: `https://a.example/?token=${secret(r.owner)}`,
    http_authorization: `Bearer ${secret(r.owner)}`,
    http_x_api_key: secret(r.owner),
    http_cookie: secret(r.owner),
    request_id: secret(r.owner),
    tenant: `acme ${secret(r.owner)}`,
    consumer: `name ${secret(r.owner)}`,
    route: `route ${secret(r.owner)}`,
    ...(raw(r) ? {} : { key_id: `key-${r.owner}` }),
  }),
  'nginx-combined': (r) => {
    const day = new Date(r.at).toISOString();
    const time = `${day.slice(8, 10)}/Jan/2026:${day.slice(11, 19)} +0000`;
    const head = `${ipOf(r)} - - [${time}] "${r.thief ? 'POST' : 'GET'} ${pathOf(r)} HTTP/1.1" ${r.thief ? 403 : 200} 512`;
    return `${head} "https://a.example/?key=${secret(r.owner)}" "${agentOf(r)}" "${raw(r) ? secret(r.owner) : `key-${r.owner}`}"`;
  },
};

/** Records that are no usage event, each around a secret. */
const malformed = [
  secret('Bad'),
  `{"key":"${secret('Bad')}"`,
  `{"${secret('Bad')}":1}`,
  `["${secret('Bad')}"]`,
  JSON.stringify({ ts: secret('Bad'), key: secret('Bad'), started_at: secret('Bad'), request: secret('Bad') }),
  JSON.stringify({ ts: '2026-01-05T00:00:00Z', key: `${secret('Bad')}${'k'.repeat(1_100)}` }),
  `{"key":${'['.repeat(60)}"${secret('Bad')}"${']'.repeat(60)}}`,
  `x${secret('Bad')}${'y'.repeat(70_000)}`,
  `1.2.3.4 - - [${secret('Bad')}] "GET /${secret('Bad')} HTTP/1.1" 200`,
];

const lineOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function logOf(format: string): string {
  const make = formats[format];
  const lines: string[] = [];
  let batch: unknown[] = [];
  let i = 0;
  for (const request of traffic()) {
    const record = make(request);
    i++;
    // Kong sends batches as arrays too.
    if (format === 'kong' && i % 3 === 0) batch.push(record);
    else lines.push(lineOf(record));
    if (batch.length === 4) lines.push(JSON.stringify(batch.splice(0)));
    if (i % 300 === 0) lines.push(malformed[(i / 300) % malformed.length]);
  }
  batch = [];
  return `${[...lines, ...malformed].join('\n')}\n`;
}

function expectClean(what: string, text: string): void {
  const lower = text.toLowerCase();
  for (const trace of traces) {
    const at = lower.indexOf(trace.toLowerCase());
    if (at >= 0) throw new Error(`the secret is in ${what}: …${text.slice(Math.max(0, at - 120), at + 60)}`);
  }
}

const makeDirectory = temporaryDirectories();

describe.each(Object.keys(formats))('a secret in every place of %s', (format) => {
  let dir: string;
  let log: string;
  const ingest = { format, pepperFrom: 'env:KEYWATCH_PEPPER', maxRecordBytes: 65_536 };

  beforeAll(async () => {
    dir = await makeDirectory();
    log = logOf(format);
  });

  test('run: in no alert, webhook, dead letter, state file, log line or metric', async () => {
    const receiver = await recordingReceiver();
    const paths = embedded(dir, {
      source: { kind: 'file', path: join(dir, 'access.log'), follow: false },
      ingest,
      policy: easyPolicy,
      enforce: enforcing(receiver.url),
      log: { level: 'debug' },
    });
    writeFileSync(join(dir, 'access.log'), log);
    const run = keywatch(['run', '-c', paths.config], environment);
    const metrics: string[] = [];
    const url = await run.url();
    while (run.child.exitCode === null) {
      for (const page of ['metrics', 'readyz']) {
        const text = await fetch(`${url}/${page}`).then(
          (answer) => answer.text(),
          () => '',
        );
        if (text !== '') metrics.push(text);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const code = await run.ended();
    expect([code, run.said()]).toEqual([0, run.said()]);
    await receiver.close();

    // The run did what it should, so that there was something for the secret to be in.
    const alerts = documentsIn(paths.alerts);
    expect(JSON.stringify(alerts)).toContain('REDACTED');
    const users = new Set(alerts.map(({ user }) => user?.id));
    expect(users).toContain('key-Own');
    expect([...users].some((id) => /^h1:/.test(id ?? ''))).toBe(true);
    expect(receiver.ids.length).toBeGreaterThan(1);
    expect(documentsIn<DeadLetter>(paths.deadLetters).length).toBeGreaterThan(malformed.length);
    expect(metrics.join('')).toMatch(/keywatch_rejected_total\{reason="[a-z-]+"\} [1-9]/);
    const state = filesBelow(paths.state);
    for (const name of ['.ckpt', 'ledger.log', 'position.json', 'outbox'])
      expect(state.some((path) => path.includes(name))).toBe(true);

    for (const path of [paths.alerts, paths.deadLetters, ...state]) expectClean(path, readFileSync(path, 'latin1'));
    for (const body of receiver.bodies) expectClean('a webhook', body);
    expectClean('stderr', run.said());
    expectClean('stdout', run.printed());
    expectClean('the operations endpoint', metrics.join('\n'));
  });

  test.each([['as NDJSON'], ['as a page', '--report']])(
    'replay %s: in no line of its output',
    async (_, ...options) => {
      const paths = embedded(dir, { source: { kind: 'stdin' }, ingest, policy: easyPolicy });
      writeFileSync(join(dir, 'access.log'), log);
      process.env.KEYWATCH_PEPPER = environment.KEYWATCH_PEPPER;
      const out = new PassThrough();
      const err = new PassThrough();
      const text = { out: '', err: '' };
      out.on('data', (data) => {
        text.out += data;
      });
      err.on('data', (data) => {
        text.err += data;
      });
      const code = await main(['replay', '-c', paths.config, ...options, join(dir, 'access.log')], {
        terminal: { out, err, outIsTty: false, errIsTty: false, colour: { out: false, err: false }, width: 100 },
        stop: new AbortController().signal,
        version: '0',
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect([code, text.err]).toEqual([0, expect.stringContaining('could not be read')]);
      expect(text.out).toContain('key-Own');
      expectClean('stdout', text.out);
      expectClean('stderr', text.err);
    },
  );
});
