import { calibrate } from '../../detect/model/calibrate';
import { FEATURES } from '../../detect/model/features';
import { type CalibrationPoint, createJudge, type Model } from '../../detect/model/judge';
import type { Collected, KeyLooks } from './collect';

/** Parts of the data by key: looks to train on, to stop by, and key-days to calibrate on. */
export interface Parts {
  readonly train: Float32Array;
  readonly validation: Float32Array;
  readonly heldOut: readonly KeyLooks[];
}

/** Of ten keys six train, one says when to stop, three calibrate. */
const TENTHS = { train: 6, validation: 7 } as const;

/** Divides by key, never by look; keys come in the order of a seeded hash. */
export function partsOf({ keys }: Pick<Collected, 'keys'>): Parts {
  const tenth = (i: number) => Math.floor((10 * i) / Math.max(1, keys.length));
  const part = (from: number, until: number) => keys.filter((_, i) => tenth(i) >= from && tenth(i) < until);
  return {
    train: together(part(0, TENTHS.train)),
    validation: together(part(TENTHS.train, TENTHS.validation)),
    heldOut: part(TENTHS.validation, 10),
  };
}

/** The clean looks of some keys, one after another. */
function together(keys: readonly KeyLooks[]): Float32Array {
  const clean = keys.flatMap(({ vectors, dirty }) =>
    Array.from(dirty, (flag, i) => (flag === 1 ? [] : [vectors.subarray(i * FEATURES, (i + 1) * FEATURES)])).flat(),
  );
  const out = new Float32Array(clean.length * FEATURES);
  for (const [i, vector] of clean.entries()) out.set(vector, i * FEATURES);
  return out;
}

/**
 * The calibration of a net on keys that it was not trained on, looks about alerts included: most alerts are false, and those
 * that are not make the model quieter, not louder. Undefined where the key-days are too few.
 */
export function calibrationOf(
  layers: Model['layers'],
  heldOut: readonly KeyLooks[],
): { readonly points: readonly CalibrationPoint[]; readonly keyDays: number } | undefined {
  const judge = createJudge({ layers });
  const errors: number[] = [];
  for (const { vectors, days } of heldOut) {
    const worst = new Map<number, number>();
    for (const [i, day] of days.entries()) {
      const { error } = judge(vectors.subarray(i * FEATURES, (i + 1) * FEATURES));
      worst.set(day, Math.max(worst.get(day) ?? 0, error));
    }
    errors.push(...worst.values());
  }
  const keyDays = heldOut.reduce((sum, key) => sum + key.keyDays, 0);
  const points = calibrate(errors, keyDays);
  return points && { points, keyDays };
}
