import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main } from '../../src/bin/main';
import { configuredFormats } from '../../src/ingest/formats';
import type { CommandContext } from '../../src/options';
import { temporaryDirectories } from '../support/files';
import { formatOfSample, goldenSamples, START } from '../support/golden-streams';

const makeDirectory = temporaryDirectories();
const HOUR = 3_600_000;
const DAYS = 9;
const END = START + DAYS * 24 * HOUR;

async function command(...argv: string[]) {
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    new PassThrough().on('data', (data) => {
      text[name] += data;
    });
  const colour = { out: false, err: false };
  const context: CommandContext = {
    terminal: { out: stream('out'), err: stream('err'), outIsTty: false, errIsTty: false, colour, width: 100 },
    stop: new AbortController().signal,
    version: '0',
  };
  const code = await main(argv, context);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...text };
}

/** One request as a gateway writes it that keywatch has no format for: where `config/keywatch.mapping.yaml` looks. */
const line = (at: number, thief: boolean) =>
  JSON.stringify({
    meta: { at: new Date(at).toISOString() },
    auth: { key_id: 'key-7' },
    client: { address: thief ? '177.71.128.9' : '93.184.216.34' },
    request: {
      method: thief ? 'POST' : 'GET',
      path: thief ? '/v1/export' : '/v1/orders?page=2',
      agent: thief ? 'python-requests/2.31' : 'billing-client/2.1',
    },
    response: { status: thief ? 403 : 200, bytes: 512, took: 12 },
  });

test('every format that is configured by its name alone has a golden stream that goes from init to an alert', () => {
  const streamed = new Set(goldenSamples.map(formatOfSample));
  expect([...streamed, 'auto', 'mapping'].sort()).toEqual([...configuredFormats].sort());
});

test('a log without a format: init names the mapping and writes nothing, and with the example the stranger is alerted', async () => {
  const dir = await makeDirectory();
  const path = join(dir, 'access.ndjson');
  const lines: string[] = [];
  for (let at = START; at < END; at += HOUR) lines.push(line(at, false));
  for (let i = 0; i < 300; i++) lines.push(line(END - HOUR + (i + 1) * 10_000, true));
  writeFileSync(path, `${lines.join('\n')}\n`);
  const out = join(dir, 'keywatch.yaml');

  const made = await command('init', '--out', out, '--file', path);
  expect(made.code).toBe(1);
  expect(made.err).toContain('mapping');
  expect(existsSync(out)).toBe(false);

  const example = readFileSync(join(__dirname, '..', '..', 'config', 'keywatch.mapping.yaml'), 'utf8');
  writeFileSync(out, example.replace('/var/log/gateway/access.ndjson', path));
  expect((await command('check-config', out)).code).toBe(0);
  const replayed = await command('replay', '-c', out, path);
  expect(replayed.code).toBe(0);
  const documents = replayed.out.split('\n').filter((text) => text !== '');
  const alerts = documents.map((text) => JSON.parse(text)).filter(({ event }) => event.kind === 'alert');
  expect(alerts.length).toBeGreaterThan(0);
  for (const { user } of alerts) expect(user.id).toBe('key-7');
  expect(Date.parse(alerts[0]['@timestamp'])).toBeGreaterThan(END - HOUR);
  expect(alerts[0].source.ip).toBe('177.71.128.9');
});
