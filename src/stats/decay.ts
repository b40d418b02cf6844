const SLOTS = 1_024;
const elapsedOf = new Float64Array(SLOTS).fill(-1);
const halfLifeOf = new Float64Array(SLOTS);
const factorOf = new Float64Array(SLOTS);

/**
 * What is left of a quantity after `elapsed`, when half of it is forgotten every `halfLife` (same unit). The power costs
 * more than all else around it and the same few arguments come again and again, so results are remembered: one a slot,
 * the latest stays, and what is answered never depends on it.
 */
export function decayFactor(elapsed: number, halfLife: number): number {
  if (elapsed <= 0) return 1;
  const slot = ((elapsed * 7) ^ (halfLife * 31)) & (SLOTS - 1);
  if (elapsedOf[slot] === elapsed && halfLifeOf[slot] === halfLife) return factorOf[slot];
  const factor = 2 ** (-elapsed / halfLife);
  elapsedOf[slot] = elapsed;
  halfLifeOf[slot] = halfLife;
  factorOf[slot] = factor;
  return factor;
}
