import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const loader = join(root, 'bench', 'register.js');

const start = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, ['-r', loader, join(root, 'src', 'bin', 'keywatch.ts'), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const collect = (child: ChildProcess) => {
  const text = { out: '', err: '' };
  child.stdout?.on('data', (data) => {
    text.out += data;
  });
  child.stderr?.on('data', (data) => {
    text.err += data;
  });
  return text;
};

const keywatch = async (args: readonly string[], environment?: NodeJS.ProcessEnv) => {
  const child = start(args, environment);
  const text = collect(child);
  const [code] = await once(child, 'close');
  return { code, ...text };
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'keywatch-bin-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('help and version are data; a wrong line is talk and exits 64', async () => {
  expect(await keywatch(['--help'])).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('Usage: keywatch'),
  });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(await keywatch(['--version'])).toEqual({ code: 0, err: '', out: `keywatch ${version}\n` });
  expect(await keywatch(['replay', '--reprot', 'x'])).toEqual({
    code: 64,
    out: '',
    err: 'keywatch: unknown option "--reprot"; did you mean --report?\nkeywatch replay --help tells more.\n',
  });
});

test('check-config lists every fault on stderr and exits 2, or sums up on stdout and exits 0', async () => {
  const file = join(dir, 'keywatch.yaml');
  writeFileSync(file, 'source: { kind: stdin }\nlog: { levl: info }\nhttp: { port: 99999 }\n');
  expect(await keywatch(['check-config', file])).toEqual({
    code: 2,
    out: '',
    err: [
      `${file}:2: log.levl: found "info"; there is no setting of this name here (did you mean level?)`,
      `${file}:3: http.port: found 99999; expected at most 65535`,
      `keywatch: 2 faults in ${file}`,
      '',
    ].join('\n'),
  });
  const secret = 'Canary7Secret9Value3';
  writeFileSync(
    file,
    'source: { kind: stdin }\nenforce: { webhook: { url: "https://hook.example/x?y", secretFrom: "env:HOOK" } }\n',
  );
  const sound = await keywatch(['check-config', '-c', file], { HOOK: secret });
  expect(sound).toMatchObject({ code: 0, err: '' });
  expect(sound.out).toContain('DRY RUN, nothing is suspended (webhook https://hook.example)');
  expect(sound.out).toContain(
    'likely-theft: risk from 80, confidence from 0.5, 2 signs of surprise from 2, an actor of surprise from 3.5 → suspend for 1h',
  );
  const printed = await keywatch(['check-config', file, '--print'], { HOOK: secret });
  expect(printed.out.split('\n')).toEqual(
    expect.arrayContaining([
      'source.kind: "stdin"  # file',
      'enforce.mode: "dry-run"  # default',
      'enforce.webhook.secretFrom: "env:HOOK"  # file; environment variable HOOK: there',
    ]),
  );
  writeFileSync(join(dir, 'hook'), secret);
  chmodSync(join(dir, 'hook'), 0o644);
  const byFile = await keywatch(['check-config', file, '--print'], { HOOK_FILE: join(dir, 'hook') });
  expect(byFile.out).toContain(`# file; environment variable HOOK_FILE, file ${join(dir, 'hook')}: there\n`);
  const open = await keywatch(['check-config', file], { HOOK_FILE: join(dir, 'hook') });
  expect(open.err).toContain(`every user of this machine can read the file ${join(dir, 'hook')} (mode 0644)`);
  const missing = await keywatch(['check-config', file, '--print'], {});
  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('HOOK is not set, nor is HOOK_FILE') });
  expect(missing.out).toContain('# file; environment variable HOOK: missing\n');
  expect(byFile.out + open.err + open.out).not.toContain(secret);
  expect(sound.out + printed.out).not.toContain(secret);
});

test('simulate gives the same bytes again, and its labels name keys of the traffic', async () => {
  const labels = join(dir, 'labels.ndjson');
  const args = ['simulate', '--keys', '3', '--days', '2', '--thefts', '1', '--seed', '5'];
  const first = await keywatch([...args, '--labels', labels]);
  expect(first).toMatchObject({ code: 0, err: '' });
  const records = first.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const label = JSON.parse(readFileSync(labels, 'utf8'));
  expect(records.some((record) => record.key === label.key)).toBe(true);
  expect((await keywatch(args)).out).toBe(first.out);
  expect((await keywatch([...args, '--seed', '6'])).out).not.toBe(first.out);
});

test('a reader that goes away ends it quietly', async () => {
  const child = start(['simulate', '--days', '3000']);
  const text = collect(child);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const [code] = await once(child, 'close');
  expect([code, text.err]).toEqual([0, '']);
});

test('a signal ends unfinished work with a code that says so', async () => {
  const child = start(['simulate', '--days', '3000']);
  const text = collect(child);
  child.stdout?.once('data', () => child.kill('SIGTERM'));
  const [code] = await once(child, 'close');
  expect([code, text.err]).toEqual([143, '']);
  expect(text.out.endsWith('}\n')).toBe(true);
});

test('what a person can put right is one line and exits 1', async () => {
  const result = await keywatch(['simulate', '--labels', join(dir, 'none', 'labels')]);
  expect(result).toMatchObject({ code: 1, out: '' });
  expect(result.err).toMatch(/^keywatch: ENOENT[^\n]*\n$/);
});
