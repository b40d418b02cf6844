import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The set-up with tools of the test's making in front of the machine's: nothing is fetched, nothing is built. */
const script = path.resolve(__dirname, '../../scripts/setup-tfjs-node.js');
const wheel = 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keywatch-setup-'));
  for (const name of ['root', 'bin', 'cache']) mkdirSync(path.join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tool = (name: string, body: string): void =>
  writeFileSync(path.join(folder, 'bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });

const tools = (): void => {
  for (const name of ['g++', 'strip', 'npm']) tool(name, `echo ran ${name} >&2; exit 7`);
};

function setup({ before = '', PATH = `${path.join(folder, 'bin')}:${process.env.PATH}` } = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '-e',
      `${before}; process.argv.splice(1, 0, 'script'); require(${JSON.stringify(script)})`,
      '--',
      '--root',
      path.join(folder, 'root'),
    ],
    { encoding: 'utf8', env: { ...process.env, PATH, XDG_CACHE_HOME: path.join(folder, 'cache') } },
  );
  return { status, said: stdout + stderr };
}

const cached = (): string[] => readdirSync(path.join(folder, 'cache', 'keywatch'));

test('refuses another system, and names what is missing', () => {
  const elsewhere = setup({ before: "Object.defineProperty(process, 'platform', { value: 'darwin' })" });
  expect(elsewhere).toEqual({
    status: 75,
    said: expect.stringContaining('made for Linux with glibc on x86-64, not for darwin'),
  });
  const bare = setup({ PATH: path.join(folder, 'bin') });
  expect(bare).toEqual({ status: 75, said: expect.stringContaining('needs python3, g++, strip') });
  expect(existsSync(path.join(folder, 'cache', 'keywatch'))).toBe(false);
});

test('without an index it says so, and leaves nothing half-fetched', () => {
  tools();
  tool('python3', 'echo "ERROR: No matching distribution found" >&2; exit 1');
  expect(setup()).toEqual({ status: 75, said: expect.stringContaining('pip cannot fetch tensorflow-cpu==2.15.1') });
  expect(cached()).toEqual([]);
});

test.each([
  ['pip refuses', 'echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1', 'the index has another file'],
  ['pip let through', `while [ "$1" != -d ]; do shift; done; echo other > "$2/${wheel}"`, 'has sha256'],
])('a wheel with another digest that %s is a fault, never used', (_who, python, said) => {
  tools();
  tool('python3', python);
  expect(setup()).toEqual({ status: 1, said: expect.stringContaining(said) });
  expect(cached()).toEqual([]);
});

test('a damaged wheel in the cache is fetched again', () => {
  tools();
  tool('python3', 'exit 1');
  mkdirSync(path.join(folder, 'cache', 'keywatch'));
  writeFileSync(path.join(folder, 'cache', 'keywatch', wheel), 'half');
  expect(setup()).toEqual({
    status: 75,
    said: expect.stringMatching(/is damaged: fetching it again[\s\S]*pip cannot/),
  });
  expect(cached()).toEqual([]);
});

test('a runtime that runs is left alone', () => {
  const home = path.join(folder, 'root', 'node_modules', '@tensorflow', 'tfjs-node');
  mkdirSync(home, { recursive: true });
  writeFileSync(
    path.join(home, 'index.js'),
    `exports.matMul = () => ({ dataSync: () => [11] }); exports.backend = () => ({ binding: { TF_Version: '2.9.1' } });`,
  );
  expect(setup()).toEqual({ status: 0, said: expect.stringContaining('runs already, with TensorFlow 2.9.1') });
});
