import fc from 'fast-check';
import { at, type ColumnSpec, columnFromBytes, columnToBytes, createColumn } from '../../src/stats/columns';
import { clearRow, copyRow, createSlab, growSlab } from '../../src/stats/slab';

const spec = fc.record({
  type: fc.constantFrom('f32', 'f64', 'u32', 'u16', 'u8'),
  width: fc.integer({ min: 1, max: 9 }),
});
const specs = fc
  .array(spec, { minLength: 1, maxLength: 8 })
  .map((all) => all.map((one, i): ColumnSpec => ({ ...one, name: `c${i}`, version: 1, scope: 'key' }) as ColumnSpec));
const writes = fc.array(
  fc.record({ column: fc.nat(7), row: fc.nat(11), place: fc.nat(8), value: fc.integer({ min: 1, max: 255 }) }),
  { maxLength: 60 },
);

/** Fills a slab and columns with arrays of their own alike. */
function filled(
  all: readonly ColumnSpec[],
  what: readonly { column: number; row: number; place: number; value: number }[],
) {
  const slab = createSlab(all, 3);
  growSlab(slab, 12);
  const apart = all.map((one) => createColumn(one, 12));
  for (const { column, row, place, value } of what) {
    const i = column % all.length;
    for (const one of [slab.columns[i], apart[i]]) one.data[at(one, row) + (place % one.width)] = value;
  }
  return { slab, apart };
}

test('columns of a slab hold what columns with arrays of their own hold', () => {
  fc.assert(
    fc.property(specs, writes, (all, what) => {
      const { slab, apart } = filled(all, what);
      for (const [i, own] of apart.entries())
        expect(columnToBytes(slab.columns[i], 12)).toEqual(columnToBytes(own, 12));
    }),
  );
});

test('bytes of a column give it back, in a slab of other columns too', () => {
  fc.assert(
    fc.property(specs, writes, (all, what) => {
      const { slab, apart } = filled(all, what);
      const other = createSlab([{ ...all[0], name: 'more' }, ...all], 12);
      for (const i of apart.keys()) columnFromBytes(other.columns[i + 1], columnToBytes(slab.columns[i], 12));
      for (const [i, own] of apart.entries())
        expect(columnToBytes(other.columns[i + 1], 12)).toEqual(columnToBytes(own, 12));
      expect(columnToBytes(other.columns[0], 12).every((byte) => byte === 0)).toBe(true);
    }),
  );
});

test('a row is cleared and copied in all columns and nowhere else; growing keeps all', () => {
  fc.assert(
    fc.property(specs, writes, (all, what) => {
      const { slab, apart } = filled(all, what);
      copyRow(slab, 2, 5);
      clearRow(slab, 3);
      growSlab(slab, 40);
      for (const [i, own] of apart.entries()) {
        own.data.copyWithin(5 * own.width, 2 * own.width, 3 * own.width);
        own.data.fill(0, 3 * own.width, 4 * own.width);
        expect(columnToBytes(slab.columns[i], 12)).toEqual(columnToBytes(own, 12));
      }
    }),
  );
});
