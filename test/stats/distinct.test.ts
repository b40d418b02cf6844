import fc from 'fast-check';
import { growth, insert, SKETCH_BYTES } from '../../src/stats/distinct';
import { hashText } from '../../src/stats/hash';

const fill = (values: Iterable<string>) => {
  const sketch = new Uint8Array(SKETCH_BYTES);
  let n = 0;
  for (const value of values) n += insert(sketch, 0, hashText(value));
  return { sketch, n };
};

test('counts within a factor of one and a half, whatever the values, up to a million', () => {
  for (const size of [30, 300, 3_000, 30_000, 300_000]) {
    const errors: number[] = [];
    for (let run = 0; run < 20; run++) {
      const values = Array.from({ length: size }, (_, i) => `${run}/${i}`);
      errors.push(fill(values).n / size - 1);
    }
    const bias = errors.reduce((sum, e) => sum + e, 0) / errors.length;
    expect(Math.abs(bias)).toBeLessThan(0.15);
    for (const e of errors) expect(Math.abs(e)).toBeLessThan(0.5);
    if (size > 10_000) break;
  }
});

test('the first value counts as one; a value seen before never counts again', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 200 }), (values) => {
      const { sketch } = fill(values);
      expect(fill(values.slice(0, 1)).n).toBe(1);
      for (const value of values) expect(growth(sketch, 0, hashText(value))).toBe(0);
    }),
  );
});

test('growth foretells insert and changes nothing', () => {
  const sketch = new Uint8Array(3 * SKETCH_BYTES);
  for (let i = 0; i < 500; i++) {
    const before = Uint8Array.from(sketch);
    const foretold = growth(sketch, SKETCH_BYTES, hashText(`${i}`));
    expect(sketch).toEqual(before);
    expect(insert(sketch, SKETCH_BYTES, hashText(`${i}`))).toBe(foretold);
  }
  expect(sketch.subarray(0, SKETCH_BYTES).every((b) => b === 0)).toBe(true);
  expect(sketch.subarray(2 * SKETCH_BYTES).every((b) => b === 0)).toBe(true);
});

test('a full sketch stays finite', () => {
  const sketch = new Uint8Array(SKETCH_BYTES).fill(0xff);
  expect(insert(sketch, 0, hashText('one more'))).toBe(0);
});
