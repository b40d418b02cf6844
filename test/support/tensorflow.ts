import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type BackendName, backendNames, type TensorFlow } from '../../src/adapters/tensorflow/backend';

/**
 * The runtimes that tests run on. `wasm` and `cpu` come with the packages; tfjs-node only where it was set up
 * (`npm run setup:tfjs-node`), and then it must work. `KEYWATCH_TFJS_NODE=required` makes its absence a failure.
 */
export const nativeExpected = process.env.KEYWATCH_TFJS_NODE === 'required' || existsSync(nativeLibrary());

export const runtimesHere: readonly BackendName[] = backendNames.filter((name) => name !== 'node' || nativeExpected);

/** Tests of tfjs-node: skipped, and said so, where it is not set up. */
export const describeNative: jest.Describe = nativeExpected
  ? describe
  : (((name: string, body: () => void) => {
      process.stderr.write(`SKIPPED ${name}: tfjs-node is not set up here (npm run setup:tfjs-node)\n`);
      describe.skip(name, body);
    }) as jest.Describe);

function nativeLibrary(): string {
  return path.join(__dirname, '../../node_modules/@tensorflow/tfjs-node/deps/lib');
}

/** Writes a model as TensorFlow.js does in a browser or in Node: `model.json` and `weights.bin`. */
export async function saveModel(tf: TensorFlow, model: LayersModel, folder: string): Promise<void> {
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { weightData, weightSpecs, ...json } = artifacts;
      writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(weightData as ArrayBuffer));
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      writeFileSync(path.join(folder, 'model.json'), JSON.stringify({ ...json, weightsManifest }));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
}

export async function loadModel(tf: TensorFlow, folder: string): Promise<LayersModel> {
  const { weightsManifest, ...json } = JSON.parse(readFileSync(path.join(folder, 'model.json'), 'utf8'));
  const weights = Uint8Array.from(readFileSync(path.join(folder, 'weights.bin')));
  const artifacts: io.ModelArtifacts = {
    ...json,
    weightSpecs: weightsManifest[0].weights,
    weightData: weights.buffer,
  };
  return tf.loadLayersModel(tf.io.fromMemory(artifacts));
}
