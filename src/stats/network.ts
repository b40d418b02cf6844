/**
 * The forward pass of a stack of dense layers, in plain arithmetic. Sums run in double precision in a fixed order and are
 * rounded to single precision after each layer, so the same bytes come out of the same input on one Node major.
 */
export type Activation = 'linear' | 'tanh';

export interface Layer {
  readonly units: number;
  readonly activation: Activation;
  /** inputs × units, row after row: the weight from input i to unit j is `kernel[i * units + j]`. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Answers the outputs for an input of the first layer's width; the array is the same at every call. */
export type Forward = (input: Float32Array) => Float32Array;

/** Throws a RangeError where the shapes do not follow from one another. */
export function createForward(layers: readonly Layer[], inputs: number): Forward {
  let width = inputs;
  for (const { units, kernel, bias } of layers) {
    if (kernel.length !== width * units || bias.length !== units) throw new RangeError('layers do not fit together');
    width = units;
  }
  const sums = layers.map(({ units }) => new Float64Array(units));
  const outputs = layers.map(({ units }) => new Float32Array(units));
  return (input) => {
    let from = input;
    for (let l = 0; l < layers.length; l++) {
      dense(layers[l], from, sums[l], outputs[l]);
      from = outputs[l];
    }
    return from;
  };
}

function dense({ units, activation, kernel, bias }: Layer, input: Float32Array, sum: Float64Array, out: Float32Array) {
  for (let j = 0; j < units; j++) sum[j] = bias[j];
  for (let i = 0, at = 0; i < input.length; i++, at += units) {
    const x = input[i];
    // Most inputs of a usual window are zero.
    if (x === 0) continue;
    for (let j = 0; j < units; j++) sum[j] += x * kernel[at + j];
  }
  if (activation === 'linear') for (let j = 0; j < units; j++) out[j] = sum[j];
  else for (let j = 0; j < units; j++) out[j] = Math.tanh(sum[j]);
}
