/**
 * Logistic regression by Newton's method on standardised features, with a quadratic penalty on all but the first, so that
 * a great penalty leaves the ranking of the first feature alone.
 */
export type Logistic = (features: Float64Array) => number;

export interface Example {
  readonly features: Float64Array;
  readonly thief: boolean;
}

const STEPS = 30;
const CLOSE = 1e-9;
/** Intercept and first feature. */
const FREE = 2;

/** Throws RangeError where one of the classes has no example. Answers log odds. */
export function fitLogistic(examples: readonly Example[], penalty: number): Logistic {
  if (!examples.some(({ thief }) => thief) || examples.every(({ thief }) => thief))
    throw new RangeError('examples of both classes are needed');
  const width = examples[0].features.length;
  const mean = new Float64Array(width);
  const scale = new Float64Array(width);
  for (const { features } of examples) for (let i = 0; i < width; i++) mean[i] += features[i] / examples.length;
  for (const { features } of examples)
    for (let i = 0; i < width; i++) scale[i] += (features[i] - mean[i]) ** 2 / examples.length;
  for (let i = 0; i < width; i++) scale[i] = scale[i] > 1e-12 ? 1 / Math.sqrt(scale[i]) : 0;
  const rows = examples.map(({ features }) => standardised(features, mean, scale));
  const weights = new Float64Array(width + 1);
  for (let step = 0; step < STEPS; step++) {
    const change = newton(rows, examples, weights, penalty);
    let moved = 0;
    for (let i = 0; i <= width; i++) {
      weights[i] += change[i];
      moved = Math.max(moved, Math.abs(change[i]));
    }
    if (moved < CLOSE) break;
  }
  return (features) => dot(weights, standardised(features, mean, scale));
}

function standardised(features: Float64Array, mean: Float64Array, scale: Float64Array): Float64Array {
  const row = new Float64Array(features.length + 1);
  row[0] = 1;
  for (let i = 0; i < features.length; i++) row[i + 1] = (features[i] - mean[i]) * scale[i];
  return row;
}

function newton(
  rows: readonly Float64Array[],
  examples: readonly Example[],
  weights: Float64Array,
  penalty: number,
): Float64Array {
  const width = weights.length;
  const gradient = Float64Array.from(weights, (w, i) => (i < FREE ? 0 : -penalty * w));
  const hessian = Array.from({ length: width }, (_, i) => {
    const row = new Float64Array(width);
    row[i] = i < FREE ? 1e-6 : penalty;
    return row;
  });
  for (const [n, row] of rows.entries()) {
    const p = 1 / (1 + Math.exp(-dot(weights, row)));
    const rest = (examples[n].thief ? 1 : 0) - p;
    const curvature = p * (1 - p);
    for (let i = 0; i < width; i++) {
      gradient[i] += rest * row[i];
      const weighed = curvature * row[i];
      for (let j = 0; j <= i; j++) hessian[i][j] += weighed * row[j];
    }
  }
  return solve(hessian, gradient);
}

/** Cholesky; of a positive definite matrix the lower half is given. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= matrix[i][k] * matrix[j][k];
      matrix[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / matrix[j][j];
    }
  }
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= matrix[i][k] * x[k];
    x[i] /= matrix[i][i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= matrix[k][i] * x[k];
    x[i] /= matrix[i][i];
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
