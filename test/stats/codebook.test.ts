import * as fc from 'fast-check';
import { lowerBound, nearest, remember } from '../../src/stats/codebook';

const integers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 60 });

function learned(values: readonly number[], capacity: number): number[] {
  const cells = new Float32Array(capacity + 2).fill(Number.NaN);
  let count = 0;
  for (const value of values) count = remember(cells, 1, count, capacity, value);
  // The cells before and after belong to somebody else.
  expect(cells[0]).toBeNaN();
  expect(cells[capacity + 1]).toBeNaN();
  return [...cells.slice(1, 1 + count)];
}

describe('codebook', () => {
  it('holds every value in order while there is room', () => {
    fc.assert(
      fc.property(integers, (values) => {
        expect(learned(values, 60)).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });

  it('never exceeds its capacity, stays sorted, and keeps the smallest and the largest value ever seen', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: 3, max: 20 }), (values, capacity) => {
        const held = learned(values, capacity);
        expect(held.length).toBe(Math.min(values.length, capacity));
        expect(held).toEqual([...held].sort((a, b) => a - b));
        expect(held[0]).toBe(Math.min(...values));
        expect(held[held.length - 1]).toBe(Math.max(...values));
      }),
    );
  });

  it('forgets where values are dense, not the lonely one', () => {
    expect(learned([0, 50, 100, 101, 102, 103, 104], 5)).toEqual(expect.arrayContaining([0, 50]));
  });

  it('finds the nearest value as a search through all of them does', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: -1500, max: 1500 }), (values, x) => {
        const cells = Float32Array.from([...values].sort((a, b) => a - b));
        const distance = Math.min(...values.map((value) => Math.abs(value - x)));
        expect(Math.abs(nearest(cells, 0, cells.length, x) - x)).toBe(distance);
      }),
    );
  });

  it('has no nearest value when it is empty, and places a value before its equals', () => {
    expect(nearest(new Float32Array(4), 0, 0, 1)).toBeNaN();
    expect(lowerBound(Float32Array.from([9, 1, 3, 3, 5]), 1, 4, 3)).toBe(1);
  });
});
