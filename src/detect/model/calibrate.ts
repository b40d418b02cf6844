import type { CalibrationPoint } from './judge';

/** Points lie so far apart in surprise, and so many key-days stand behind each. */
const STEP = 0.25;
const ENOUGH = 5;

/**
 * The points at which an error is worth a surprise, from the greatest error of each of `keyDays` benign key-days that the
 * model was not trained on (`errors`: of those that had a look; the others had none). Beyond the last point that five
 * key-days bear out, the tail goes on as over the tenfold before it, up to one in ten times the key-days seen: what
 * is rarer than that no past of this length can tell. Undefined where they are too few for two points.
 */
export function calibrate(errors: readonly number[], keyDays: number): readonly CalibrationPoint[] | undefined {
  const sorted = errors.filter((error) => error > 0).sort((a, b) => b - a);
  const points: CalibrationPoint[] = [];
  const first = Math.ceil(Math.log10(keyDays / Math.max(1, sorted.length)) / STEP) * STEP;
  for (let surprise = first; keyDays * 10 ** -surprise >= ENOUGH; surprise += STEP) {
    const rank = Math.floor(keyDays * 10 ** -surprise);
    if (rank <= sorted.length) rise(points, sorted[rank - 1], surprise);
  }
  if (points.length < 2) return undefined;
  const [error, surprise] = points[points.length - 1];
  const [lowError, low] = points.find(([, s]) => s >= surprise - 1)!;
  const cap = Math.log10(10 * keyDays);
  rise(points, error * Math.max(1.01, error / lowError) ** ((cap - surprise) / Math.max(STEP, surprise - low)), cap);
  return points;
}

/** Where two surprises have one error the lower holds. */
function rise(points: CalibrationPoint[], error: number, surprise: number): void {
  const last = points[points.length - 1];
  if (last === undefined || error > last[0] * 1.000001) points.push([round(error), round(surprise)]);
}

const round = (value: number): number => Number(value.toPrecision(8));
