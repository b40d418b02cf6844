/** @jest-environment ./test/support/one-realm-environment.js */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  type Backend,
  type BackendName,
  describeBackend,
  loadBackend,
  type TensorFlow,
} from '../../../src/adapters/tensorflow/backend';
import { createForward, type Layer } from '../../../src/stats/network';
import { describeNative, loadModel, runtimesHere, saveModel } from '../../support/tensorflow';

const INPUTS = 16;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keywatch-tensorflow-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The shape of the product's nets: dense layers around a narrow middle, a linear last one. */
function autoencoder(tf: TensorFlow): LayersModel {
  const units = [8, 3, 8, INPUTS];
  const model = tf.sequential({
    layers: units.map((count, i) =>
      tf.layers.dense({
        units: count,
        activation: i === units.length - 1 ? 'linear' : 'tanh',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 7 + i }),
        biasInitializer: tf.initializers.randomUniform({ minval: -0.1, maxval: 0.1, seed: 17 + i }),
        ...(i === 0 ? { inputShape: [INPUTS] } : {}),
      }),
    ),
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  return model;
}

/** Vectors that a stream may bring and such as it may not: zeros, denormals, the largest that stay finite in a sum. */
function vectors(): Float32Array[] {
  let seed = 1;
  const next = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const random = Array.from({ length: 500 }, () => Float32Array.from({ length: INPUTS }, () => next() * 4 - 2));
  const extremes = [0, -0, 1, -1, 1e-45, 1e-38, 1e3, -1e3, 1e6].map((x) => new Float32Array(INPUTS).fill(x));
  const single = Array.from({ length: INPUTS }, (_, i) => {
    const vector = new Float32Array(INPUTS);
    vector[i] = 50;
    return vector;
  });
  return [...random, ...extremes, ...single];
}

async function rebuilt(tf: TensorFlow, model: LayersModel, rows: readonly Float32Array[]): Promise<Float32Array> {
  const input = tf.tensor2d(
    rows.flatMap((row) => [...row]),
    [rows.length, INPUTS],
  );
  const output = model.predict(input, { batchSize: rows.length }) as ReturnType<TensorFlow['tensor2d']>;
  const values = Float32Array.from(await output.data());
  tf.dispose([input, output]);
  return values;
}

/** The largest difference between two lists, as a share of the values where those are larger than one. */
function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i]))), 0);
}

async function scores(name: BackendName, from: string): Promise<Float32Array> {
  const { tf, name: chosen } = await loadBackend(name);
  expect(chosen).toBe(name);
  const model = await loadModel(tf, from);
  const values = await rebuilt(tf, model, vectors());
  model.dispose();
  return values;
}

const behaves = (name: BackendName) => () => {
  let backend: Backend;
  beforeEach(async () => {
    backend = await loadBackend(name);
  });

  test('is what was asked for, and says so', () => {
    expect(backend.name).toBe(name);
    expect(backend.skipped).toEqual([]);
    expect(describeBackend(backend)).toMatch(/^TensorFlow\.js (node|wasm|cpu) 4\.22\.0( \(TensorFlow 2\.\d+\.\d+\))?$/);
    expect(backend.tf.getBackend()).toBe(name === 'node' ? 'tensorflow' : name);
  });

  test('training brings the loss down, and leaves nothing behind', async () => {
    const { tf } = backend;
    const before = tf.memory().numTensors;
    const model = autoencoder(tf);
    const rows = tf.randomUniform([256, INPUTS], 0, 1, 'float32', 3);
    const { history } = await model.fit(rows, rows, { epochs: 8, batchSize: 32, shuffle: false, verbose: 0 });
    const loss = history.loss as number[];
    expect(loss.every(Number.isFinite)).toBe(true);
    expect(loss[7]).toBeLessThan(loss[0] * 0.5);
    const { optimizer } = model;
    rows.dispose();
    model.dispose();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a model saved by it scores the same on all others', async () => {
    const { tf } = backend;
    const saved = autoencoder(tf);
    const rows = tf.randomUniform([64, INPUTS], 0, 1, 'float32', 5);
    await saved.fit(rows, rows, { epochs: 1, batchSize: 32, shuffle: false, verbose: 0 });
    await saveModel(tf, saved, folder);
    const own = await rebuilt(tf, saved, vectors());
    expect(own.every(Number.isFinite)).toBe(true);
    tf.dispose(rows);
    saved.dispose();
    for (const other of runtimesHere) expect(difference(await scores(other, folder), own)).toBeLessThan(1e-5);
  });

  test('the plain forward pass over the same weights gives the same', async () => {
    const { tf } = backend;
    const model = autoencoder(tf);
    const layers = model.layers.map((layer): Layer => {
      const [kernel, bias] = layer.getWeights().map((weight) => Float32Array.from(weight.dataSync()));
      const { activation, units } = layer.getConfig() as { activation: 'linear' | 'tanh'; units: number };
      return { activation, units, kernel, bias };
    });
    const forward = createForward(layers, INPUTS);
    const plain = Float32Array.from(vectors().flatMap((vector) => [...forward(vector)]));
    expect(difference(plain, await rebuilt(tf, model, vectors()))).toBeLessThan(1e-5);
    model.dispose();
  });
};

describe('wasm', behaves('wasm'));
describe('cpu', behaves('cpu'));
describeNative('node', behaves('node'));

describeNative('tfjs-node', () => {
  test('is the first choice', async () => {
    expect(await loadBackend()).toMatchObject({ name: 'node', skipped: [] });
  });
});
