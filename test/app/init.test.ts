import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readConfig } from '../../src/adapters/config-file';
import { scalar } from '../../src/app/init/config-text';
import { parseCommandLine } from '../../src/bin/args';
import type { InitInvocation } from '../../src/bin/commands/init';
import { type Ask, init } from '../../src/bin/init';
import { main } from '../../src/bin/main';
import { configSchema } from '../../src/config';
import type { CommandContext } from '../../src/options';
import { temporaryDirectories } from '../support/files';
import { formatOfSample, goldenSamples, goldenStream, START } from '../support/golden-streams';
import { leakyFormats, secret, traces } from '../support/leaky-formats';

const makeDirectory = temporaryDirectories();
let dir: string;
let out: string;
beforeEach(async () => {
  dir = await makeDirectory();
  out = join(dir, 'keywatch.yaml');
});

const log = (lines: readonly unknown[], name = 'access.log'): string => {
  const path = join(dir, name);
  const text = `${lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')}\n`;
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
};

function listening() {
  const text = { out: '', err: '' };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  stdout.on('data', (data) => {
    text.out += data;
  });
  stderr.on('data', (data) => {
    text.err += data;
  });
  const context: CommandContext = {
    terminal: {
      out: stdout,
      err: stderr,
      outIsTty: false,
      errIsTty: false,
      colour: { out: false, err: false },
      width: 100,
    },
    stop: new AbortController().signal,
    version: '0',
  };
  return { text, context };
}

async function command(...argv: string[]) {
  const { text, context } = listening();
  const code = await main(argv, context);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...text };
}

const event = (ts: number, more: object = {}) => ({
  ts: new Date(ts).toISOString(),
  key: 'k1',
  ip: '93.184.216.34',
  method: 'GET',
  path: '/v1/orders',
  status: 200,
  ...more,
});

/** The configuration with every suggestion taken up. */
const uncommented = (text: string): string =>
  text.replace(
    /^( *)# (?=pepperFrom:|trustedProxies:|start: |tls: |alerts:|deadLetters:|state:| {2}- kind: | {4}path: | {2}dir: )/gm,
    '$1',
  );

const silent = ['init', '--out'];

describe.each(goldenSamples)('from init to an alert: %s', (name) => {
  test('the format is recognised, the configuration sound, and the stranger alerted', async () => {
    const path = log(goldenStream(name));
    const made = await command(...silent, out, '--file', path);
    expect([made.code, made.err]).toEqual([0, '']);
    expect(made.out).toContain(`${out} is sound`);
    expect(made.out).toMatch(new RegExp(`format +${formatOfSample(name)}, recognised by`));

    const text = readFileSync(out, 'utf8');
    const config = configSchema.parse(parse(text));
    expect(config.source).toMatchObject({ kind: 'file', path });
    expect(config.ingest.format).toBe(formatOfSample(name));
    const all = uncommented(text);
    expect(all).not.toBe(text);
    expect(readConfig(all, { environment: { KEYWATCH_PEPPER: 'a pepper' } })).toMatchObject({ ok: true });

    const replayed = await command('replay', '-c', out, path);
    expect(replayed.code).toBe(0);
    const documents = replayed.out.split('\n').filter((line) => line !== '');
    const alerts = documents.map((line) => JSON.parse(line)).filter((each) => each.event.kind === 'alert');
    expect(alerts.length).toBeGreaterThan(0);
    expect(Date.parse(alerts[0]['@timestamp'])).toBeGreaterThan(START + 8 * 86_400_000);
    // A service of the cloud has no address; then it is its client that is new.
    const mark = readFileSync(path, 'utf8').includes('177.71.128.9') ? '177.71.128.9' : 'python-requests';
    expect(JSON.stringify(alerts)).toContain(mark);
  });
});

const leaky = Object.keys(leakyFormats).filter((format) => format !== 'mapping');

test.each(leaky)('%s: raw keys and secrets are counted, and none is told', async (format) => {
  const requests = Array.from({ length: 20 }, (_, i) => ({
    at: START + i * 60_000,
    owner: i % 2 ? 'Own' : 'Raw',
    thief: i < 4,
  }));
  const path = log([...requests.map((request) => leakyFormats[format](request)), `{"key":"${secret('Bad')}"`]);
  const made = await command(...silent, out, '--file', path);
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toMatch(/raw keys +1 key raw in the log/);
  expect(made.out).toMatch(/secrets +removed from [1-9]\d* events/);
  expect(made.out).toMatch(/1 × (not-json|unparsable-line)/);
  const text = readFileSync(out, 'utf8');
  expect(text).toContain('# pepperFrom: env:KEYWATCH_PEPPER');
  for (const trace of traces) expect((made.out + made.err + text).toLowerCase()).not.toContain(trace.toLowerCase());
});

test('what a hostile log holds reaches neither the configuration nor the terminal', async () => {
  const hostile = [
    '\u001b[2J\u001b]0;owned\u0007',
    'a\nsource:\n  kind: stdin\n# ',
    '"}: &x *y !!z',
    '\u2028\u0085- %',
  ];
  const records = hostile.flatMap((text) => [
    event(START, { key: text, path: `/${text}`, userAgent: text, tenant: text, [text]: text }),
    { ts: text, key: text },
    `${text}`,
  ]);
  const path = log([event(START), ...records]);
  const made = await command(...silent, out, '--file', path);
  expect([made.code, made.err]).toEqual([0, '']);
  const text = readFileSync(out, 'utf8');
  expect(parse(text)).toEqual({ source: { kind: 'file', path }, ingest: { format: 'keywatch' } });
  expect(`${made.out}${text}`).not.toMatch(/[^\n\x20-\x7e×→…%]|owned|&x/);
});

test('a path of any characters comes back from the configuration as it is', async () => {
  const path = log([event(START)], 'a "b": #c\n\u0085\u2028\u007f\'.log');
  expect((await command(...silent, out, '--file', path)).code).toBe(0);
  expect(parse(readFileSync(out, 'utf8')).source.path).toBe(path);
});

test('a file that is there is not replaced without --force, and the log itself never', async () => {
  const path = log([event(START)]);
  writeFileSync(out, 'mine');
  expect(await command(...silent, out, '--file', path)).toMatchObject({
    code: 1,
    err: expect.stringContaining('--force'),
  });
  expect(readFileSync(out, 'utf8')).toBe('mine');
  const before = readFileSync(path, 'utf8');
  expect((await command(...silent, path, '--file', path, '--force')).err).toContain('is the log itself');
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect((await command(...silent, out, '--file', path, '--force')).code).toBe(0);
  expect(readFileSync(out, 'utf8')).toContain('format: keywatch');
});

test.each<[string, readonly unknown[], string, ...string[]]>([
  ['no format fits', [{ a: 1 }, { b: 2 }], 'mapping'],
  ['no JSON', ['{"ts":', '{'], 'not-json'],
  ['another format than named', [{ request: {}, started_at: 1 }], '--format NAME', '--format', 'keywatch'],
  [
    'no request has a key',
    [{ time: '2026-01-05T00:00:00Z', remote_addr: '93.184.216.34', method: 'GET', uri: '/', status: 200 }],
    '--key-field',
  ],
  ['nothing at all', [], 'no usage event in 0 records'],
])('nothing readable: %s', async (_, lines, hint, ...options) => {
  const made = await command(...silent, out, '--file', log(lines), ...options);
  expect(made.code).toBe(1);
  expect(made.err).toContain(hint);
  expect(made.err).toContain('nothing was written');
  expect(made.out).toBe('');
  expect(existsSync(out)).toBe(false);
});

test('--key-field finds the key, and stands in the configuration', async () => {
  const line = {
    time: '2026-01-05T00:00:00Z',
    remote_addr: '1.2.3.4',
    method: 'GET',
    uri: '/',
    status: 200,
    who: 'k1',
  };
  expect((await command(...silent, out, '--file', log([line]), '--key-field', 'who')).code).toBe(0);
  expect(parse(readFileSync(out, 'utf8')).ingest).toEqual({ format: 'nginx-json', keyField: 'who' });
});

test('only the first records are read, and of a plain file the last time', async () => {
  const lines = Array.from({ length: 2_100 }, (_, i) => event(START + i * 600_000));
  const plain = await command(...silent, out, '--file', log(lines));
  expect(plain.out).toMatch(/read +2,000 records, the first of the log/);
  expect(plain.out).toMatch(/time +2026-01-05 00:00 UTC to 2026-01-19 13:50 UTC/);
  expect(plain.out).toContain('two weeks or more are there');
  const packed = await command(...silent, out, '--force', '--file', log(lines, 'access.log.gz'));
  expect(packed.out).toContain('not looked at beyond the sample');
  expect(parse(readFileSync(out, 'utf8')).source).toEqual({ kind: 'stdin' });
  expect(packed.out).toContain('zcat ');
});

test('private addresses suggest their range as proxies', async () => {
  const path = log([event(START, { ip: '10.1.2.3' }), event(START + 1, { ip: 'fd00::1' })]);
  expect((await command(...silent, out, '--file', path)).out).toContain('private in 2 of 2 events');
  expect(readFileSync(out, 'utf8')).toContain('# trustedProxies: ["10.0.0.0/8", "fc00::/7"]');
});

test('a topic: the sample is looked at and no broker; without one it says so', async () => {
  const kafka = ['--kafka', 'b-1.example:9092,b-2.example:9092', '--topic', 'usage'];
  const made = await command(...silent, out, ...kafka, '--sample', log([event(START)], 's.gz'));
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toContain('No broker was contacted');
  expect(parse(readFileSync(out, 'utf8'))).toEqual({
    source: { kind: 'kafka', brokers: ['b-1.example:9092', 'b-2.example:9092'], topic: 'usage', start: 'earliest' },
    ingest: { format: 'keywatch' },
    state: { learnHistory: true },
  });
  const blind = await command(...silent, out, '--force', ...kafka);
  expect([blind.code, blind.out]).toEqual([0, expect.stringContaining('No sample was looked at')]);
  expect(blind.out).not.toContain('keywatch replay');
  expect(parse(readFileSync(out, 'utf8')).ingest).toEqual({ format: 'auto' });
});

describe('where the log is', () => {
  const invocation = (...argv: string[]): InitInvocation => {
    const parsed = parseCommandLine([...silent, out, ...argv]);
    if (!parsed.ok) throw new Error(parsed.faults.join());
    return parsed.invocation as InitInvocation;
  };
  const asked = async (answers: readonly string[], ...argv: string[]) => {
    const questions: string[] = [];
    const left = [...answers];
    const ask: Ask = async (question, fallback) => {
      questions.push(`${question} [${fallback}]`);
      return left.shift() || fallback;
    };
    const { text, context } = listening();
    const code = await init(invocation(...argv), context, ask);
    await new Promise((resolve) => setImmediate(resolve));
    return { code, questions, ...text };
  };

  test('is asked for where somebody can answer', async () => {
    const path = log([event(START)]);
    const file = await asked(['', path]);
    expect([file.code, file.questions]).toEqual([0, [expect.stringContaining('[file]'), 'Which file? [access.log]']]);
    const kafka = await asked(['', path], '--topic', 'usage', '--force');
    expect([kafka.code, kafka.questions.length]).toEqual([0, 2]);
    expect(parse(readFileSync(out, 'utf8')).source).toMatchObject({ brokers: ['localhost:9092'], topic: 'usage' });
    expect(await asked(['kafka', 'user:pass@b:9092'])).toMatchObject({
      code: 64,
      err: expect.not.stringContaining('pass@'),
    });
  });

  test.each([
    [[], '--file PATH, or --kafka BROKERS --topic NAME'],
    [['--kafka', 'b:1'], '--topic NAME'],
    [['--topic', 't'], '--kafka BROKERS'],
  ])('is named as missing where nobody can: %j', async (argv, fault) => {
    const { text, context } = listening();
    expect(await init(invocation(...argv), context, null)).toBe(64);
    await new Promise((resolve) => setImmediate(resolve));
    expect(text.err).toContain(fault);
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    [['--file', 'a', '--kafka', 'b:1'], '--file and --kafka: give one of them'],
    [['--file', '-'], '--file: expected a file'],
    [['--kafka', 'me:secret@b:1'], 'expected host:port'],
    [['--format', 'kongg'], 'did you mean kong?'],
  ])('%j is refused', (argv, fault) => {
    const parsed = parseCommandLine(['init', ...argv]);
    expect(parsed).toMatchObject({ ok: false });
    if (!parsed.ok) expect(parsed.faults.join()).toContain(fault);
    expect(JSON.stringify(parsed)).not.toContain('me:secret');
  });
});

test('a text comes back from YAML as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      expect(parse(`a: ${scalar(text)}\n`)).toEqual({ a: text });
      expect(scalar(text)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
    { numRuns: 300 },
  );
});
