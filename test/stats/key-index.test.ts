import fc from 'fast-check';
import { KeyIndex } from '../../src/stats/key-index';

test('whatever is added, removed and replaced, a key is found at its row and no other is', () => {
  const step = fc.tuple(fc.boolean(), fc.nat(400));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 1_500 }), (steps) => {
      const texts: string[] = [];
      const index = new KeyIndex((row) => texts[row]);
      const rows = new Map<string, number>();
      for (const [add, n] of steps) {
        const key = `k_${n}`;
        if (add && !rows.has(key)) {
          rows.set(key, texts.push(key) - 1);
          index.add(key, texts.length - 1);
        } else if (!add) {
          index.remove(key);
          rows.delete(key);
        }
      }
      expect(index.size()).toBe(rows.size);
      for (let n = 0; n <= 400; n++) expect(index.find(`k_${n}`)).toBe(rows.get(`k_${n}`) ?? -1);
    }),
    { numRuns: 30 },
  );
});

/** Among so many texts some pairs have the same 32-bit hash. */
test('keys whose hashes are equal are told apart by their texts', () => {
  const texts = Array.from({ length: 150_000 }, (_, i) => `key-${i.toString(36)}`);
  const index = new KeyIndex((row) => texts[row]);
  for (const [row, text] of texts.entries()) index.add(text, row);
  expect(texts.findIndex((text, row) => index.find(text) !== row)).toBe(-1);
});
