import type { Column } from '../stats/columns';
import { decayFactor } from '../stats/decay';

const FAST_HALF_LIFE = 3_600;
const SLOW_HALF_LIFE = 7 * 86_400;

/** Fields of a partition column: amount a second, fast and slow, and when last updated (seconds). More may follow. */
const FAST = 0;
const SLOW = 1;
const UPDATED = 2;
export const MOVEMENT_FIELDS = 3;

/** Adds what the fleet did at `seconds`. `fast`: half-life of what counts as just now, seconds. */
export function learnMovement({ data }: Column, seconds: number, amount: number, fast = FAST_HALF_LIFE): void {
  const elapsed = data[UPDATED] === 0 ? 0 : Math.max(0, seconds - data[UPDATED]);
  data[FAST] = data[FAST] * decayFactor(elapsed, fast) + (amount * Math.LN2) / fast;
  data[SLOW] = data[SLOW] * decayFactor(elapsed, SLOW_HALF_LIFE) + (amount * Math.LN2) / SLOW_HALF_LIFE;
  if (seconds > data[UPDATED]) data[UPDATED] = seconds;
}

/** By how much the fleet as a whole does more than usual just now; never below 1. */
export function movement({ data }: Column): number {
  return data[SLOW] > 0 ? Math.max(1, data[FAST] / data[SLOW]) : 1;
}
