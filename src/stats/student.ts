import { lnGamma } from './tail';

/** P(T ≥ t) of Student's t with `df` > 0 degrees of freedom, which need not be whole; t ≥ 0. */
export function studentTail(t: number, df: number): number {
  if (!(t > 0)) return 0.5;
  return 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
}

const TINY = 1e-300;
const MOST_TERMS = 300;

/**
 * Regularised incomplete beta function I_x(a, b) for 0 ≤ x ≤ 1, by its continued fraction (Abramowitz and Stegun 26.5.8)
 * in Lentz' evaluation; on the side where it converges quickly.
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x > (a + 1) / (a + b + 2)) return 1 - (front * fraction(1 - x, b, a)) / b;
  return (front * fraction(x, a, b)) / a;
}

function fraction(x: number, a: number, b: number): number {
  let d = safe(1 - ((a + b) * x) / (a + 1));
  let c = 1;
  d = 1 / d;
  let value = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return value;
}

function safe(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
