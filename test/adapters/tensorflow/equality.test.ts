import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asTensorFlow, initialLayers } from '../../../src/adapters/tensorflow/autoencoder';
import { loadBackend } from '../../../src/adapters/tensorflow/backend';
import { FEATURES } from '../../../src/detect/model/features';
import { random } from '../../../src/simulate/random';
import { createForward } from '../../../src/stats/network';
import { inFolder, modelIn } from '../../support/model-files';

const rng = random('equality');
/** As windows are, and as none is: zeros, tiny, huge, negative. */
const inputs: Float32Array[] = [
  ...Array.from({ length: 200 }, () =>
    Float32Array.from({ length: FEATURES }, () => (rng.chance(0.5) ? 0 : rng.between(0, 2))),
  ),
  new Float32Array(FEATURES),
  new Float32Array(FEATURES).fill(1e-38),
  new Float32Array(FEATURES).fill(1e6),
  new Float32Array(FEATURES).fill(-1e6),
  Float32Array.from({ length: FEATURES }, (_, i) => (i % 2 === 0 ? 1e30 : -1e30)),
  Float32Array.from({ length: FEATURES }, (_, i) => (i === 3 ? 3e38 : 0)),
];

/** Largest difference, relative where numbers are greater than one. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i])));
  return most;
}

describe('the plain pass and TensorFlow.js', () => {
  test.each([[[12, 4, 12]], [[8]], [[16, 8, 4, 8, 16]]])('agree within 1e-6, hidden layers %j', async (hidden) => {
    const { tf } = await loadBackend('cpu');
    const layers = initialLayers(FEATURES, hidden, 7).map((layer) => ({
      ...layer,
      bias: Float32Array.from(layer.bias, () => rng.between(-0.3, 0.3)),
    }));
    const model = asTensorFlow(tf, layers, FEATURES);
    const forward = createForward(layers, FEATURES);
    const flat = Float32Array.from(inputs.flatMap((x) => [...x]));
    const theirs = tf.tidy(() =>
      (model.predict(tf.tensor2d(flat, [inputs.length, FEATURES])) as { dataSync(): Float32Array }).dataSync(),
    );
    for (const [i, x] of inputs.entries())
      expect(apart(forward(x), theirs.subarray(i * FEATURES, (i + 1) * FEATURES))).toBeLessThan(1e-6);
    model.dispose();
  });

  test('agree on a model that was written and read by tf.loadLayersModel', () =>
    inFolder(async (dir) => {
      const { tf } = await loadBackend('cpu');
      const { folder, layers } = await modelIn(join(dir, 'm'));
      const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
      const bytes = readFileSync(join(folder, 'weights.bin'));
      const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
      const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
      const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
      const forward = createForward(layers, FEATURES);
      for (const x of inputs.slice(0, 20)) {
        const theirs = (model.predict(tf.tensor2d(x, [1, FEATURES])) as { dataSync(): Float32Array }).dataSync();
        expect(apart(forward(x), theirs)).toBeLessThan(1e-6);
      }
      model.dispose();
    }));
});
