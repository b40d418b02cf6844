/** Tail probabilities as surprises: −log10 P(X ≥ x). Never negative, never infinite (capped at 15). */

const CAP = 15;
const LN10 = Math.LN10;

/** Surprise of a probability, capped. */
export function surprise(probability: number): number {
  if (!(probability > 0)) return CAP;
  return Math.min(CAP, Math.max(0, -Math.log10(probability)));
}

/** Chance of at least one event a day at `rate` events a day (Poisson). */
export function chancePerDay(rate: number): number {
  return -Math.expm1(-Math.max(0, rate));
}

/** Chance of at least one of `looks` independent looks at chance `p` each. `looks` need not be whole. */
export function chanceOverLooks(p: number, looks: number): number {
  if (p >= 1) return 1;
  return -Math.expm1(Math.max(1, looks) * Math.log1p(-p));
}

/**
 * ln Γ(x) for x > 0 (Lanczos' approximation, g = 7, nine terms; relative error below 10⁻¹³).
 * Source: C. Lanczos, SIAM J. Numer. Anal. B 1 (1964) 86–96.
 */
export function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const y = x - 1;
  let sum = 0.9999999999998099;
  for (let i = 0; i < terms.length; i++) sum += terms[i] / (y + i + 1);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * P(X ≥ k) for a negative binomial with mean `mean` and size `size` (variance = mean + mean²/size), by summing the
 * upper tail's terms from k on. `size` = Infinity is Poisson. Where k is at or below the mean, answers 1 − sum below
 * only roughly: callers ask about upper tails, and 0.5 is as good as any larger value there.
 */
export function negativeBinomialTail(k: number, mean: number, size: number): number {
  if (k <= 0) return 1;
  if (!(mean > 0)) return 1e-15;
  if (k <= mean) return 0.5;
  const lnTerm =
    size === Infinity || size > 1e7
      ? k * Math.log(mean) - mean - lnGamma(k + 1)
      : lnGamma(k + size) -
        lnGamma(size) -
        lnGamma(k + 1) +
        size * Math.log(size / (size + mean)) +
        k * Math.log(mean / (size + mean));
  let term = Math.exp(lnTerm);
  if (term === 0) return Math.max(1e-15, Math.exp(Math.max(-CAP * LN10, lnTerm)));
  let sum = 0;
  for (let i = k; i < k + 2_000; i++) {
    sum += term;
    const ratio = size === Infinity || size > 1e7 ? mean / (i + 1) : ((i + size) / (i + 1)) * (mean / (size + mean));
    term *= ratio;
    if (term < sum * 1e-9) return Math.min(1, sum);
    if (i === k + 1_999) sum += ratio < 1 ? term / (1 - ratio) : term;
  }
  return Math.min(1, sum);
}

/**
 * P(X ≥ k) for a beta-binomial: `n` trials whose success chance is Beta(`a`, `b`). Sums at most `n − k + 1` terms.
 */
export function betaBinomialTail(k: number, n: number, a: number, b: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  let term = Math.exp(lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1) + lnBeta(k + a, n - k + b) - lnBeta(a, b));
  let sum = 0;
  for (let i = k; i <= n; i++) {
    sum += term;
    term *= ((n - i) / (i + 1)) * ((i + a) / (n - i - 1 + b));
    if (!(term > sum * 1e-9)) break;
  }
  return Math.min(1, sum);
}

function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}
