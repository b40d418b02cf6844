import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** The runtimes, best for training first. */
export const backendNames = ['node', 'wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

/** The operations and the layers of TensorFlow.js in one object, as the union package `@tensorflow/tfjs` has them. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core') & typeof import('@tensorflow/tfjs-layers');

export interface Backend {
  readonly tf: TensorFlow;
  readonly name: BackendName;
  /** What computes, for a model's card: the package's version and, for `node`, that of its native library. */
  readonly version: string;
  /** Runtimes that were tried before this one, and why each did not do. */
  readonly skipped: readonly { readonly name: BackendName; readonly reason: string }[];
}

/** The native library may need a while to be read from a cold disk, but not this long. Milliseconds. */
const PROBE_LIMIT = 60_000;

/**
 * TensorFlow.js for training and as the reference for scores, on the best runtime from `prefer` downwards: `node`
 * (`@tensorflow/tfjs-node`, an optional package), `wasm`, `cpu`. Nothing of TensorFlow.js is loaded before this is
 * called, so a process that only scores never pays for it. A runtime that is not installed, does not load or computes
 * wrongly is passed over and listed in `skipped`: this rejects only when even `cpu` does not compute. The chosen
 * runtime stays the process's current one until the next call.
 */
export async function loadBackend(prefer: BackendName = 'node'): Promise<Backend> {
  const skipped: { name: BackendName; reason: string }[] = [];
  for (const name of backendNames.slice(backendNames.indexOf(prefer))) {
    try {
      const version = await starters[name]();
      const tf = tensorflow();
      await checkArithmetic(tf);
      return { tf, name, version, skipped };
    } catch (error) {
      skipped.push({ name, reason: firstLine(error) });
    }
  }
  throw new Error(`no TensorFlow.js runtime works: ${skipped.map((one) => `${one.name}: ${one.reason}`).join('; ')}`);
}

/** What was chosen and what was passed over, in one line for a log or a command's output. */
export function describeBackend(backend: Backend): string {
  const passed = backend.skipped.map((one) => `${one.name}: ${one.reason}`).join('; ');
  return `TensorFlow.js ${backend.name} ${backend.version}${passed === '' ? '' : ` (passed over ${passed})`}`;
}

/** Each makes its runtime the current one and answers its version. */
const starters: Readonly<Record<BackendName, () => Promise<string>>> = {
  node: async () => {
    quietNative();
    probeNative();
    const { version } = require('@tensorflow/tfjs-node') as { version: Readonly<Record<string, string>> };
    const core = tensorflow();
    await select(core, 'tensorflow');
    const { binding } = core.backend() as unknown as { binding?: { TF_Version?: string } };
    return `${version['tfjs-node']} (TensorFlow ${binding?.TF_Version ?? 'unknown'})`;
  },
  wasm: async () => {
    const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
    // Named by folder: the package would otherwise guess where its .wasm files are from the script that runs.
    const home = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
    wasm.setWasmPaths(`${join(home, 'dist')}/`);
    await select(tensorflow(), 'wasm');
    return wasm.version_wasm;
  },
  cpu: async () => {
    const cpu = require('@tensorflow/tfjs-backend-cpu') as typeof import('@tensorflow/tfjs-backend-cpu');
    await select(tensorflow(), 'cpu');
    return cpu.version_cpu;
  },
};

let loaded: TensorFlow | undefined;

function tensorflow(): TensorFlow {
  if (loaded !== undefined) return loaded;
  const core = require('@tensorflow/tfjs-core') as typeof import('@tensorflow/tfjs-core');
  const layers = require('@tensorflow/tfjs-layers') as typeof import('@tensorflow/tfjs-layers');
  // Otherwise every first use of `cpu` writes an advertisement for another package to stderr.
  core.enableProdMode();
  loaded = Object.assign({}, core, layers);
  return loaded;
}

async function select(tf: TensorFlow, backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js cannot start its backend ${backend}`);
  await tf.ready();
}

/** A product with a known answer: a library that loads and computes nonsense is as broken as a missing one. */
async function checkArithmetic(tf: TensorFlow): Promise<void> {
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])));
  const values = await product.data();
  product.dispose();
  if ([19, 22, 43, 50].some((value, i) => values[i] !== value))
    throw new Error(`computes a matrix product as ${[...values].join(', ')}`);
}

let probed = false;

/**
 * A native library that is not made for this processor or this Node ends the process that loads it, which no `catch`
 * sees; so another process loads it first. Throws with what that one said.
 */
function probeNative(): void {
  if (probed) return;
  const entry = require.resolve('@tensorflow/tfjs-node');
  const { error, signal, status, stderr } = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', entry], {
    encoding: 'utf8',
    maxBuffer: 1 << 20,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: PROBE_LIMIT,
  });
  if (error !== undefined) throw error;
  if (signal !== null) throw new Error(`loading @tensorflow/tfjs-node ends the process with ${signal}`);
  if (status !== 0) throw new Error(/^\w*Error: .*$/m.exec(stderr)?.[0] ?? `loading it ends with exit code ${status}`);
  probed = true;
}

/**
 * Read by the native library when it is loaded. Its notes about processor features are not for our users; oneDNN
 * changes the order of sums, which costs more than it gains on nets of our size and moves the last digits. A worker
 * thread has a copy of the environment that the library does not see, unless it was started with `env: SHARE_ENV`.
 */
function quietNative(): void {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
}

/** Node appends the stack of requires to what could not be resolved. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
}
