import { createForward, type Layer } from '../../stats/network';
import { FEATURES, SPOKEN } from './features';

export type CalibrationPoint = readonly [error: number, surprise: number];

/** A trained autoencoder, checked by who read it: shapes fit, all numbers are finite. */
export interface Model {
  readonly name: string;
  readonly layers: readonly Layer[];
  /**
   * What an error is worth: points of error and surprise, both rising, at least one. Errors in between lie on the line
   * through the neighbours, in the error's logarithm; no error is worth more than the last point.
   */
  readonly calibration: readonly CalibrationPoint[];
}

export interface Judgement {
  error: number;
  /** How much of the error each detector's surprise makes, the same array at every call. */
  readonly shares: Float64Array;
  /** The window as the model would have it, the same array at every call. */
  rebuilt: Float32Array;
}

export type Judge = (vector: Float32Array) => Judgement;

/**
 * The error of a window: mean square by which detectors are more surprised than the model rebuilds from the rest. Less
 * surprise than expected is nobody's fault, and the circumstances are no evidence.
 */
export function createJudge({ layers }: Pick<Model, 'layers'>): Judge {
  const forward = createForward(layers, FEATURES);
  const judgement: Judgement = { error: 0, shares: new Float64Array(SPOKEN), rebuilt: new Float32Array(0) };
  const { shares } = judgement;
  return (vector) => {
    const rebuilt = forward(vector);
    let sum = 0;
    for (let i = 0; i < SPOKEN; i++) {
      const excess = vector[i] - Math.max(0, rebuilt[i]);
      shares[i] = excess > 0 ? excess * excess : 0;
      sum += shares[i];
    }
    if (sum > 0) for (let i = 0; i < SPOKEN; i++) shares[i] /= sum;
    judgement.error = sum / SPOKEN;
    judgement.rebuilt = rebuilt;
    return judgement;
  };
}

/** −log10 of the chance that a benign key-day has a window with at least this error; rounded to thousandths. */
export function surpriseOfError({ calibration }: Pick<Model, 'calibration'>, error: number): number {
  const last = calibration[calibration.length - 1];
  if (!(error > calibration[0][0])) return 0;
  if (error >= last[0]) return last[1];
  let i = 1;
  while (calibration[i][0] < error) i++;
  const [lowError, low] = calibration[i - 1];
  const [highError, high] = calibration[i];
  const share = Math.log(error / lowError) / Math.log(highError / lowError);
  return Math.round((low + share * (high - low)) * 1000) / 1000;
}
