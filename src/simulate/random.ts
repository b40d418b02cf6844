import { mix } from '../stats/hash';

/**
 * Pseudo-random numbers for the simulation: the same seed gives the same numbers on every machine of one Node major.
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, a counter that rules out cycles shorter
 * than 2³². Not for secrets.
 */
export interface Random {
  /** 0 ≤ x < 1, 32 bits. */
  next(): number;
  /** A whole number, 0 ≤ x < n. */
  int(n: number): number;
  between(low: number, high: number): number;
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
  exponential(mean: number): number;
  /** Mean 0, deviation 1. */
  normal(): number;
  logNormal(median: number, sigma: number): number;
}

/** FNV-1a over UTF-16 units (Fowler, Noll, Vo), started at `basis`. */
function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A stable 32-bit number for a text. */
export function hash(text: string): number {
  return mix(fnv1a(text, 0x811c9dc5));
}

/** A generator of its own for every seed text: `random('7/key-3/owner')` does not depend on any other. */
export function random(seed: string): Random {
  const low = fnv1a(seed, 0x811c9dc5);
  const high = fnv1a(seed, 0x5bd1e995);
  let a = mix(low);
  let b = mix(high);
  let c = mix(low ^ (high << 1));
  let d = 1;

  const next32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next32();

  const next = () => next32() / 4_294_967_296;
  // Box and Muller; 1 − x keeps the logarithm away from zero.
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    int: (n) => Math.floor(next() * n),
    between: (from, to) => from + (to - from) * next(),
    chance: (p) => next() < p,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    exponential: (mean) => -mean * Math.log(1 - next()),
    normal,
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
  };
}

/** Draws an index with probability proportional to its weight. */
export type Draw = (rng: Random) => number;

export function weighted(weights: readonly number[]): Draw {
  const sums: number[] = [];
  let total = 0;
  for (const weight of weights) {
    total += weight;
    sums.push(total);
  }
  if (!(total > 0)) throw new RangeError('weights must have a positive sum');
  return (rng) => {
    const x = rng.next() * total;
    let i = 0;
    while (i < sums.length - 1 && sums[i]! <= x) i++;
    return i;
  };
}
