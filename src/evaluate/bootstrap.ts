import { mix } from '../stats/hash';
import type { Estimate } from './types';

/** Seeded uniform numbers in [0, 1): a 32-bit Weyl sequence through MurmurHash3's finaliser. */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) / 4294967296;
  };
}

/** Draws as many keys as there are, with replacement: how often each was drawn. */
export function resample(keys: readonly string[], random: () => number): Map<string, number> {
  const weights = new Map<string, number>();
  for (let i = 0; i < keys.length; i++) {
    const key = keys[Math.floor(random() * keys.length)]!;
    weights.set(key, (weights.get(key) ?? 0) + 1);
  }
  return weights;
}

/** Percentile interval; without samples the estimate itself. NaN samples (a draw without thefts) are left out. */
export function percentileInterval(value: number, samples: readonly number[]): Estimate {
  const sorted = samples.filter((x) => !Number.isNaN(x)).sort((a, b) => a - b);
  if (sorted.length === 0) return { value, low: value, high: value };
  const quantile = (p: number) =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(p * (sorted.length - 1))))]!;
  return { value, low: quantile(0.025), high: quantile(0.975) };
}
