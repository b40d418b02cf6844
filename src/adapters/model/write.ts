import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FEATURE_VERSION, FEATURES, featureDigest, featureNames, WINDOW_SECONDS } from '../../detect/model/features';
import type { Layer } from '../../stats/network';
import { CARD_FORMAT, type ModelCard } from './card';
import { CARD_FILE, codeOf, MODEL_FILE, ModelFault, WEIGHTS_FILE } from './files';

/** What only training knows of a card; shapes, features and the digest of the weights follow from the layers. */
export type CardFacts = Pick<ModelCard, 'name' | 'calibration' | 'data' | 'training' | 'ablation'>;

/** Kernel and bias of each layer, one after another, little endian. */
export function weightBytes(layers: readonly Layer[]): Buffer {
  const numbers = layers.flatMap(({ kernel, bias }) => [...kernel, ...bias]);
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, x] of numbers.entries()) bytes.writeFloatLE(x, 4 * i);
  return bytes;
}

export function cardOf(layers: readonly Layer[], facts: CardFacts): ModelCard {
  const weights = weightBytes(layers);
  return {
    format: CARD_FORMAT,
    name: facts.name,
    kind: 'autoencoder',
    features: {
      version: FEATURE_VERSION,
      digest: featureDigest,
      names: [...featureNames],
      windowSeconds: WINDOW_SECONDS,
    },
    layers: layers.map(({ units, activation, kernel }) => ({ inputs: kernel.length / units, units, activation })),
    weights: { bytes: weights.length, sha256: createHash('sha256').update(weights).digest('hex') },
    calibration: facts.calibration,
    data: facts.data,
    training: facts.training,
    ablation: facts.ablation,
  };
}

/**
 * Writes a model's folder: `card.json`, and `model.json` with the weights in TensorFlow.js' `layers-model` format, which
 * `tf.loadLayersModel` reads. The folder is there whole or not at all; a model of that name is replaced, and nothing
 * else is: throws ModelFault where the folder holds other files. A crash while replacing leaves the former one beside it
 * as `NAME.….old`. Rejects with the system's error where it cannot be written.
 */
export async function writeModel(folder: string, layers: readonly Layer[], card: ModelCard): Promise<void> {
  const before = await heldBy(folder);
  const fresh = `${folder}.${randomUUID()}.tmp`;
  const old = `${folder}.${randomUUID()}.old`;
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(fresh);
  try {
    await writeFile(join(fresh, WEIGHTS_FILE), weightBytes(layers), { flush: true });
    await writeFile(join(fresh, MODEL_FILE), `${JSON.stringify(layersModel(layers), null, 2)}\n`, { flush: true });
    await writeFile(join(fresh, CARD_FILE), `${JSON.stringify(card, null, 2)}\n`, { flush: true });
    if (before !== undefined) await rename(folder, old);
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  if (before !== undefined) await rm(old, { recursive: true });
}

/** Names in the folder; undefined where there is none. Throws ModelFault where it is no model's. */
export async function heldBy(folder: string): Promise<readonly string[] | undefined> {
  const names = await readdir(folder).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new ModelFault(`${folder} cannot be written (${codeOf(error)})`);
  });
  const stranger = names?.find((name) => ![CARD_FILE, MODEL_FILE, WEIGHTS_FILE].includes(name));
  if (stranger === undefined) return names;
  throw new ModelFault(`${folder} holds ${JSON.stringify(stranger)}, so it is no model to be replaced`);
}

/** https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts: ModelJSON; layers as Keras serialises them. */
function layersModel(layers: readonly Layer[]): unknown {
  const widths = [FEATURES, ...layers.map(({ units }) => units)];
  return {
    format: 'layers-model',
    generatedBy: 'keywatch',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: {
        name: 'keywatch',
        layers: layers.map(({ units, activation }, i) => ({
          class_name: 'Dense',
          config: {
            name: `dense_${i + 1}`,
            trainable: true,
            dtype: 'float32',
            units,
            activation,
            use_bias: true,
            ...(i === 0 ? { batch_input_shape: [null, FEATURES] } : {}),
          },
        })),
      },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      {
        paths: [WEIGHTS_FILE],
        weights: layers.flatMap(({ units }, i) => [
          { name: `dense_${i + 1}/kernel`, shape: [widths[i], units], dtype: 'float32' },
          { name: `dense_${i + 1}/bias`, shape: [units], dtype: 'float32' },
        ]),
      },
    ],
  };
}
