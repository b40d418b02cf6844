import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * The choice in processes of their own, since a runtime once loaded stays: over a folder that holds our module and the
 * packages it may find, with a tfjs-node of the test's making or none.
 */
const root = path.resolve(__dirname, '../../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keywatch-backend-'));
  copyFileSync(path.join(root, 'src/adapters/tensorflow/backend.ts'), path.join(folder, 'backend.ts'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const packages = path.join('node_modules', '@tensorflow');

function provide(...names: readonly string[]): void {
  mkdirSync(path.join(folder, packages), { recursive: true });
  for (const name of names) symlinkSync(path.join(root, packages, name), path.join(folder, packages, name));
}

function fakeNative(code: string): void {
  mkdirSync(path.join(folder, packages, 'tfjs-node'), { recursive: true });
  writeFileSync(path.join(folder, packages, 'tfjs-node/index.js'), code);
}

function inProcess(code: string, cwd: string) {
  const register = path.join(root, 'bench/register.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', register, '-e', code], {
    cwd,
    encoding: 'utf8',
  });
  return { status, stdout: stdout.trim(), stderr };
}

/** What `loadBackend` answers in the folder: its name and why others were passed over, or the error's message. */
function choice(prefer = "'node'"): unknown {
  const { stdout, stderr } = inProcess(
    `require('./backend.ts').loadBackend(${prefer}).then(
       ({ name, skipped }) => console.log(JSON.stringify([name, ...skipped.map((s) => s.name + ': ' + s.reason)])),
       (error) => console.log(JSON.stringify(error.message)))`,
    folder,
  );
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const portable = ['tfjs-core', 'tfjs-layers', 'tfjs-backend-wasm', 'tfjs-backend-cpu'];

test('without tfjs-node it is WebAssembly, from the files of its own package', () => {
  provide(...portable);
  expect(choice()).toEqual(['wasm', "node: Cannot find module '@tensorflow/tfjs-node'"]);
});

test.each([
  ['whose binding was not built', "throw new Error('no binding\\nRequire stack');", 'Error: no binding'],
  ['that ends the process', 'process.abort();', 'loading @tensorflow/tfjs-node ends the process with SIGABRT'],
  ['that exits', 'process.exit(3);', 'loading it ends with exit code 3'],
  ['that loads and brings no runtime', 'exports.version = {};', "Backend name 'tensorflow' not found in registry"],
])('a tfjs-node %s is passed over with the reason', (_what, code, reason) => {
  provide(...portable);
  fakeNative(code);
  expect(choice()).toEqual(['wasm', expect.stringContaining(`node: ${reason}`)]);
});

test('a runtime that computes nonsense is passed over', () => {
  provide(...portable);
  // The CPU runtime under another name, with a product that is off by one.
  fakeNative(`
    const core = require('@tensorflow/tfjs-core');
    const { MathBackendCPU } = require('@tensorflow/tfjs-backend-cpu');
    core.registerBackend('tensorflow', () => new MathBackendCPU());
    core.registerKernel({ kernelName: 'BatchMatMul', backendName: 'tensorflow', kernelFunc: ({ backend }) =>
      backend.makeTensorInfo([1, 2, 2], 'float32', Float32Array.of(20, 22, 43, 50)) });
    for (const kernel of core.getKernelsForBackend('cpu'))
      if (kernel.kernelName !== 'BatchMatMul') core.registerKernel({ ...kernel, backendName: 'tensorflow' });
    exports.version = { 'tfjs-node': '0' };`);
  expect(choice()).toEqual(['wasm', 'node: computes a matrix product as 20, 22, 43, 50']);
});

test('a runtime below the wished one is never taken first', () => {
  provide(...portable);
  fakeNative("throw new Error('must not be tried');");
  expect(choice("'wasm'")).toEqual(['wasm']);
  expect(choice("'cpu'")).toEqual(['cpu']);
});

test('where WebAssembly does not start either it is CPU, and without any an error with all reasons', () => {
  provide('tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu');
  expect(choice()).toEqual([
    'cpu',
    "node: Cannot find module '@tensorflow/tfjs-node'",
    "wasm: Cannot find module '@tensorflow/tfjs-backend-wasm'",
  ]);
  rmSync(path.join(folder, packages, 'tfjs-backend-cpu'));
  expect(choice()).toMatch(/^no TensorFlow\.js runtime works: node: .*; wasm: .*; cpu: .*tfjs-backend-cpu'$/);
});

test('no command loads anything of TensorFlow.js before it needs it', () => {
  const { stdout, stderr } = inProcess(
    "require('./src/bin/commands.ts'); console.log(Object.keys(require.cache).filter((f) => f.includes('@tensorflow')).length)",
    root,
  );
  expect(stderr).toBe('');
  expect(stdout).toBe('0');
});
