/**
 * How many different values were seen, in 16 bytes: 32 HyperLogLog registers of four bits (Flajolet et al., AofA 2007,
 * 137–156), read by the historic inverse probability estimator (Cohen, KDD 2014; Ting, KDD 2014): whenever a value changes a
 * register, the estimate grows by the inverse of the chance that a new value does so. Unbiased, about 15 % standard
 * error, exact for the first; a value seen before never counts again. The caller keeps the estimate.
 */
const REGISTERS = 32;
const MOST_RANK = 15;
export const SKETCH_BYTES = REGISTERS / 2;

/** By how much the estimate grows if `hash` comes now; 0 when it, or one like it, was seen. Changes nothing. */
export function growth(sketch: ArrayLike<number>, at: number, hash: number): number {
  return rankOf(hash) > registerAt(sketch, at, hash & (REGISTERS - 1)) ? 1 / chanceOfChange(sketch, at) : 0;
}

/** Takes `hash` in. Answers as `growth` would have before. */
export function insert(sketch: { [index: number]: number; readonly length: number }, at: number, hash: number): number {
  const grown = growth(sketch, at, hash);
  if (grown === 0) return 0;
  const register = hash & (REGISTERS - 1);
  const shift = (register & 1) * 4;
  const byte = at + (register >>> 1);
  sketch[byte] = (sketch[byte] & ~(15 << shift)) | (rankOf(hash) << shift);
  return grown;
}

/** Leading zeros of the 27 bits that choose no register, plus one. */
function rankOf(hash: number): number {
  return Math.min(MOST_RANK, Math.clz32((hash >>> 5) << 5) + 1);
}

function registerAt(sketch: ArrayLike<number>, at: number, register: number): number {
  return (sketch[at + (register >>> 1)] >>> ((register & 1) * 4)) & 15;
}

/** Chance that a value never seen changes a register; a full register is never changed. */
function chanceOfChange(sketch: ArrayLike<number>, at: number): number {
  let sum = 0;
  for (let i = 0; i < REGISTERS; i++) {
    const rank = registerAt(sketch, at, i);
    if (rank < MOST_RANK) sum += 2 ** -rank;
  }
  return sum / REGISTERS;
}
