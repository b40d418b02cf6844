import type { Model } from '../../src/detect/model';
import { FEATURES } from '../../src/detect/model/features';

/** A model that rebuilds nothing: its error is the mean square of the surprises, and it speaks from the least of them on. */
export function blankModel(over: Partial<Model> = {}): Model {
  return {
    name: 'blank',
    layers: [
      {
        units: FEATURES,
        activation: 'linear',
        kernel: new Float32Array(FEATURES * FEATURES),
        bias: new Float32Array(FEATURES),
      },
    ],
    calibration: [
      [0.0001, 0],
      [0.1, 4],
    ],
    ...over,
  };
}
