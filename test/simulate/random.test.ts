import fc from 'fast-check';
import { hash, random, weighted } from '../../src/simulate/random';
import { mix } from '../../src/stats/hash';

describe('random', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    const take = (seed: string) => {
      const rng = random(seed);
      return Array.from({ length: 8 }, () => rng.next());
    };
    expect(take('a')).toEqual(take('a'));
    expect(take('a')).not.toEqual(take('b'));
    expect(take('ab')).not.toEqual(take('ba'));
  });

  it('is uniform: each of 16 bins holds its share', () => {
    const rng = random('bins');
    const bins = Array<number>(16).fill(0);
    for (let i = 0; i < 160_000; i++) bins[rng.int(16)]!++;
    const chi = bins.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    // 15 degrees of freedom: beyond 44 lies one in 10,000.
    expect(chi).toBeLessThan(44);
  });

  it('has the moments that its distributions promise', () => {
    const rng = random('moments');
    const mean = (draw: () => number) => Array.from({ length: 50_000 }, draw).reduce((a, b) => a + b, 0) / 50_000;
    expect(mean(() => rng.exponential(5))).toBeCloseTo(5, 0);
    expect(Math.abs(mean(() => rng.normal()))).toBeLessThan(0.02);
    expect(Math.abs(mean(() => rng.normal() ** 2) - 1)).toBeLessThan(0.03);
    expect(mean(() => Number(rng.chance(0.25)))).toBeCloseTo(0.25, 1);
    expect(mean(() => Number(rng.logNormal(10, 1) < 10))).toBeCloseTo(0.5, 1);
  });

  it('draws by weight and never what has none', () => {
    const rng = random('weights');
    const draw = weighted([1, 0, 3]);
    const counts = [0, 0, 0];
    for (let i = 0; i < 40_000; i++) counts[draw(rng)]!++;
    expect(counts[1]).toBe(0);
    expect(counts[2]! / counts[0]!).toBeCloseTo(3, 0);
    expect(() => weighted([0, 0])).toThrow(RangeError);
  });

  it('hashes to unsigned 32 bits', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (text, value) => {
        for (const n of [hash(text), mix(value)]) {
          expect(Number.isInteger(n) && n >= 0 && n < 2 ** 32).toBe(true);
        }
      }),
    );
  });
});
