/**
 * A bounded, sorted set of numbers that answers "how far is this value from the nearest one seen before". It lives in a
 * caller's array, so that it can be part of a larger state; all functions take that array, the first cell and the number
 * of values held.
 */

/** Position of the first value ≥ `x` among `count` sorted values from `start`, counted from `start`. */
export function lowerBound(cells: Float32Array, start: number, count: number, x: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cells[start + middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value nearest to `x`; NaN when there is none. */
export function nearest(cells: Float32Array, start: number, count: number, x: number): number {
  const at = lowerBound(cells, start, count, x);
  if (at === 0) return count === 0 ? Number.NaN : cells[start];
  const below = cells[start + at - 1];
  if (at === count) return below;
  const above = cells[start + at];
  return x - below <= above - x ? below : above;
}

/**
 * Remembers `x` as well; returns the new count. When `capacity` is reached, one of the two closest values makes room:
 * what is forgotten is detail where values are dense, never the extremes. `capacity` must be at least 3.
 */
export function remember(cells: Float32Array, start: number, count: number, capacity: number, x: number): number {
  let held = count;
  if (held === capacity) {
    let drop = 1;
    for (let i = 2; i < held; i++) {
      const gap = cells[start + i] - cells[start + i - 1];
      if (gap < cells[start + drop] - cells[start + drop - 1]) drop = i;
    }
    // The largest value stays: its lower neighbour goes instead.
    if (drop === held - 1) drop--;
    cells.copyWithin(start + drop, start + drop + 1, start + held);
    held--;
  }
  const at = lowerBound(cells, start, held, x);
  cells.copyWithin(start + at + 1, start + at, start + held);
  cells[start + at] = x;
  return held + 1;
}
