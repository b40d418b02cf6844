/**
 * Runs the commands of the documentation as they stand there, in a folder that has what a reader has by then: a log, a
 * configuration, and keywatch on the path. What cannot be run here has its reason in `elsewhere`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryDirectories } from './support/files';
import { goldenStream } from './support/golden-streams';
import { blocksOf } from './support/markdown';

const root = join(__dirname, '..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

/** Commands that need what is not here, and the test that runs them or what they call. */
const elsewhere: readonly (readonly [pattern: RegExp, test: string])[] = [
  [/^npm (ci|run setup:|run bench:|run evaluate|run test|test|start)/, '../.ci/run'],
  [/^keywatch learn /, 'integration/learn.test.ts'],
  [/^keywatch forget /, 'integration/forget.test.ts'],
  [/^keywatch setup elasticsearch|^export ELASTIC/, 'integration/elasticsearch-setup.test.ts'],
  // They need a broker.
  [/^keywatch setup kafka/, 'integration/kafka-setup.test.ts'],
  // It refuses a log as small as the one here.
  [/^keywatch train /, 'integration/train.test.ts'],
  [/^curl .*\$KIBANA_URL/, 'integrations'],
  [/^node receiver\.js|^export KEYWATCH_WEBHOOK|try\.yaml/, 'docs-webhook.test.ts'],
];

/** The same command on a smaller fleet, or where the reader's paths and ports are ours. */
const adapted = (line: string, port: number): string =>
  line
    .replace(/keywatch simulate(?! --into)/, 'keywatch simulate --keys 12 --days 9 --rate 50')
    .replace('--keys 200 --days 28 --thefts 20', '--keys 20 --days 10 --thefts 6')
    .replace('--file /var/log/nginx/access.json', '--file nginx.json --key-field consumer_id')
    .replace('access.ndjson --format nginx-json', 'nginx.json --format nginx-json')
    .replaceAll('127.0.0.1:9464', `127.0.0.1:${port}`);

const commands = pages.flatMap((page) =>
  blocksOf(readFileSync(join(root, page), 'utf8'))
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ page, line, test: elsewhere.find(([pattern]) => pattern.test(line))?.[1] })),
);

/** Commands that ask a running process. */
const asks = /^keywatch (status|key) |^curl .*127\.0\.0\.1/;
const runs = /^keywatch run -c keywatch\.yaml/;

const directory = temporaryDirectories();
/** The build, as the reader has it: packages are found above it. */
const built = join(root, 'node_modules', '.cache', 'keywatch-docs');
let bin: string;
let log: string;
let live: ChildProcess | undefined;

beforeAll(async () => {
  mkdirSync(built, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(built, 'package.json'));
  cpSync(join(root, 'models'), join(built, 'models'), { recursive: true });
  const out = join(built, 'dist');
  // A module that has moved would stay there, and be found before the new one.
  rmSync(out, { recursive: true, force: true });
  const compiled = spawnSync(
    join(root, 'node_modules', '.bin', 'tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', out, '--tsBuildInfoFile', join(out, '.tsbuildinfo')],
    { cwd: root, encoding: 'utf8' },
  );
  if (compiled.status !== 0) throw new Error(`${compiled.stdout}${compiled.stderr}`);
  bin = await directory();
  const wrapper = join(bin, 'keywatch');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${process.execPath} ${join(out, 'bin', 'keywatch.js')} "$@"\n`);
  chmodSync(wrapper, 0o755);
  log = shell(bin, 'keywatch simulate --keys 12 --days 8 --thefts 2 --rate 50');
}, 60_000);

afterEach(() => {
  live?.kill('SIGKILL');
});

const environment = () => ({ ...process.env, NODE_ENV: 'production', PATH: `${bin}:${process.env.PATH}` });

function shell(folder: string, line: string): string {
  const done = spawnSync('bash', ['-o', 'pipefail', '-c', line], {
    cwd: folder,
    env: environment(),
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 1 << 28,
  });
  if (done.status !== 0)
    throw new Error(`${line}\nended with ${done.status}: ${done.stderr}${done.stdout}`.slice(0, 4_000));
  return done.stdout;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a reader has by the time of these commands. */
function prepare(folder: string, port: number): void {
  const write = (name: string, data: string | Buffer) => writeFileSync(join(folder, name), data);
  write('access.ndjson', log);
  for (const name of ['access.ndjson.gz', 'hour.ndjson.gz']) write(name, gzipSync(log));
  const nginx = goldenStream('nginx-json.ndjson', 3).map((line) => line.replace('"consumer"', '"consumer_id"'));
  write('nginx.json', nginx.join('\n'));
  write('access.log.2.gz', gzipSync(goldenStream('nginx-combined.log', 3).join('\n')));
  const trail = goldenStream('cloudtrail-single.ndjson', 3).map((line) => JSON.parse(line));
  write('trail.json', JSON.stringify({ Records: trail }));
  write('new.yaml', 'policy:\n  rules:\n    - { name: all, when: { risk: 70, signs: 2 }, action: suspend, for: 2h }\n');
  writeConfig(folder, port);
}

function writeConfig(folder: string, port: number): void {
  writeFileSync(
    join(folder, 'keywatch.yaml'),
    `source: { kind: file, path: ./access.ndjson, follow: true, start: earliest }
alerts: [{ kind: file, path: ./alerts.out.ndjson }]
http: { port: ${port} }
state: { dir: ./state }
`,
  );
}

async function running(folder: string, port: number): Promise<void> {
  if (live !== undefined && live.exitCode === null) return;
  live = spawn(join(bin, 'keywatch'), ['run', '-c', 'keywatch.yaml'], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  live.stderr?.on('data', (data) => {
    said += data;
  });
  for (let i = 0; i < 200; i++) {
    if (live.exitCode !== null) throw new Error(`keywatch run ended with ${live.exitCode}: ${said}`);
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`keywatch run is not ready after ten seconds: ${said}`);
}

test('what is not run here is run by a test that is there', () => {
  const named = new Set(commands.flatMap(({ test: name }) => name ?? []));
  for (const name of named) expect(existsSync(join(__dirname, name))).toBe(true);
});

const mine = commands.filter(({ test: name }) => name === undefined);

test.each([...new Set(mine.map(({ page }) => page))])(
  '%s: every command does what it says, in the order of the page',
  async (page) => {
    const folder = await directory();
    const port = await freePort();
    prepare(folder, port);
    for (const { line } of mine.filter((command) => command.page === page)) {
      if (runs.test(line) || asks.test(line)) await running(folder, port);
      if (runs.test(line)) continue;
      // It replaces nothing, and what it writes has a port and a state of its own.
      const writes = /^keywatch init /.test(line);
      if (writes) rmSync(join(folder, 'keywatch.yaml'));
      shell(folder, adapted(line, port));
      if (writes) writeConfig(folder, port);
    }
    if (live === undefined || live.exitCode !== null) return;
    live.kill('SIGTERM');
    expect(await once(live, 'exit')).toEqual([0, null]);
  },
  120_000,
);
