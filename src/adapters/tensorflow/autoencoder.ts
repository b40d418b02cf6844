import { random } from '../../simulate/random';
import type { Layer } from '../../stats/network';
import type { Backend, TensorFlow } from './backend';

/** What is trained, and how. Vectors lie one after another, `features` numbers each. */
export interface TrainingJob {
  readonly features: number;
  readonly train: Float32Array;
  readonly validation: Float32Array;
  /** Units of the hidden layers; the last layer has `features`. */
  readonly hidden: readonly number[];
  readonly seed: number;
  readonly epochs: number;
  /** Epochs without a better validation loss after which training stops. */
  readonly patience: number;
  readonly batch: number;
  readonly rate: number;
}

export interface Epoch {
  readonly epoch: number;
  /** Mean square per number, over the epoch's batches and over the validation vectors. */
  readonly loss: number;
  readonly validationLoss: number;
}

export interface Trained {
  /** Of the epoch with the least validation loss. */
  readonly layers: readonly Layer[];
  readonly epochs: readonly Epoch[];
  readonly bestEpoch: number;
  /** The validation loss of the weights before the first step. */
  readonly startLoss: number;
}

/** Layers for `features` inputs: tanh in the middle, linear at the end. Weights of Glorot and Bengio (AISTATS 2010), seeded. */
export function initialLayers(features: number, hidden: readonly number[], seed: number): readonly Layer[] {
  const rng = random(`model ${seed} weights`);
  const widths = [features, ...hidden, features];
  return widths.slice(1).map((units, l) => {
    const limit = Math.sqrt(6 / (widths[l] + units));
    const kernel = Float32Array.from({ length: widths[l] * units }, () => rng.between(-limit, limit));
    return { units, activation: l === hidden.length ? 'linear' : 'tanh', kernel, bias: new Float32Array(units) };
  });
}

/** The same net as a model of TensorFlow.js. The caller disposes of it. */
export function asTensorFlow(tf: TensorFlow, layers: readonly Layer[], features: number) {
  const model = tf.sequential();
  for (const [l, { units, activation }] of layers.entries()) {
    const inputs = l === 0 ? { inputShape: [features] } : {};
    model.add(tf.layers.dense({ ...inputs, units, activation, name: `dense_${l + 1}`, kernelInitializer: 'zeros' }));
  }
  setWeights(tf, model, layers);
  return model;
}

type Sequential = ReturnType<TensorFlow['sequential']>;

function setWeights(tf: TensorFlow, model: Sequential, layers: readonly Layer[]): void {
  const tensors = layers.flatMap(({ kernel, bias, units }) => [
    tf.tensor2d(kernel, [kernel.length / units, units]),
    tf.tensor1d(bias),
  ]);
  model.setWeights(tensors);
  for (const tensor of tensors) tensor.dispose();
}

async function layersOf(model: Sequential, like: readonly Layer[]): Promise<readonly Layer[]> {
  const weights = model.getWeights();
  const data = await Promise.all(weights.map((weight) => weight.data() as Promise<Float32Array>));
  return like.map((layer, l) => ({
    ...layer,
    kernel: Float32Array.from(data[2 * l]),
    bias: Float32Array.from(data[2 * l + 1]),
  }));
}

/**
 * Trains by Adam on mean square error, batches shuffled anew by the seed in every epoch, until the validation loss has not
 * fallen for `patience` epochs. The same job gives the same weights on one runtime, and on another nearly the same.
 * `onEpoch` answers whether to go on; stopped early, the best so far is answered.
 */
export async function trainAutoencoder(
  { tf }: Pick<Backend, 'tf'>,
  job: TrainingJob,
  onEpoch: (epoch: Epoch) => boolean,
): Promise<Trained> {
  const { features, train, validation, batch, patience } = job;
  const count = train.length / features;
  const model = asTensorFlow(tf, initialLayers(features, job.hidden, job.seed), features);
  const optimizer = tf.train.adam(job.rate);
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const held = tf.tensor2d(validation, [validation.length / features, features]);
  const lossOf = () =>
    tf.tidy(() => (tf.losses.meanSquaredError(held, model.predict(held) as typeof held).dataSync() as Float32Array)[0]);
  const rng = random(`model ${job.seed} batches`);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const epochs: Epoch[] = [];
  const startLoss = lossOf();
  let best = await layersOf(model, initialLayers(features, job.hidden, job.seed));
  let bestLoss = startLoss;
  let bestEpoch = 0;
  try {
    for (let epoch = 1; epoch <= job.epochs && epoch - bestEpoch <= patience; epoch++) {
      shuffle(order, (n) => rng.int(n));
      let sum = 0;
      for (let from = 0; from < count; from += batch) {
        const rows = gather(train, features, order.subarray(from, from + batch));
        const x = tf.tensor2d(rows, [rows.length / features, features]);
        sum += ((await model.trainOnBatch(x, x)) as number) * (rows.length / features);
        x.dispose();
      }
      const validationLoss = lossOf();
      const done: Epoch = { epoch, loss: sum / count, validationLoss };
      epochs.push(done);
      if (validationLoss < bestLoss) {
        bestLoss = validationLoss;
        bestEpoch = epoch;
        best = await layersOf(model, best);
      }
      if (!onEpoch(done)) break;
    }
  } finally {
    held.dispose();
    model.dispose();
    optimizer.dispose();
  }
  return { layers: best, epochs, bestEpoch, startLoss };
}

function shuffle(order: Uint32Array, below: (n: number) => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
}

function gather(data: Float32Array, features: number, rows: Uint32Array): Float32Array {
  const out = new Float32Array(rows.length * features);
  for (const [i, row] of rows.entries()) out.set(data.subarray(row * features, (row + 1) * features), i * features);
  return out;
}
