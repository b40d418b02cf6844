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
import { leakyFormats, leakyIngest, secret, traces, traffic } from '../support/leaky-formats';

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
  const make = leakyFormats[format];
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

describe.each(Object.keys(leakyFormats))('a secret in every place of %s', (format) => {
  let dir: string;
  let log: string;
  const ingest = { format, ...leakyIngest[format], pepperFrom: 'env:KEYWATCH_PEPPER', maxRecordBytes: 65_536 };

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
