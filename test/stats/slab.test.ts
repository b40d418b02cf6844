import fc from 'fast-check';
import {
  at,
  type ColumnSpec,
  columnFromBytes,
  columnToBytes,
  createColumn,
  PART_ROWS,
  part,
} from '../../src/stats/columns';
import { clearRow, copyRow, createSlab, makeRoom } from '../../src/stats/slab';

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
  const slab = createSlab(all);
  makeRoom(slab, 12);
  const apart = all.map((one) => createColumn(one, 12));
  for (const { column, row, place, value } of what) {
    const i = column % all.length;
    for (const one of [slab.columns[i], apart[i]]) part(one, row)[at(one, row) + (place % one.width)] = value;
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
      const other = createSlab([{ ...all[0], name: 'more' }, ...all]);
      makeRoom(other, 12);
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
      makeRoom(slab, 40);
      for (const [i, own] of apart.entries()) {
        own.data.copyWithin(5 * own.width, 2 * own.width, 3 * own.width);
        own.data.fill(0, 3 * own.width, 4 * own.width);
        expect(columnToBytes(slab.columns[i], 12)).toEqual(columnToBytes(own, 12));
      }
    }),
  );
});

test('rows of later parts are rows as others are: kept, copied and cleared by themselves', () => {
  const spec: ColumnSpec = { name: 'a', type: 'u32', width: 2, version: 1, scope: 'key' };
  const rows = 2 * PART_ROWS + 3;
  const slab = createSlab([spec, { ...spec, name: 'b', type: 'u8' }]);
  makeRoom(slab, rows);
  const [a] = slab.columns;
  for (let row = 0; row < rows; row++) part(a, row)[at(a, row) + 1] = row + 1;
  copyRow(slab, 1, rows - 1);
  clearRow(slab, PART_ROWS);
  const numbers = new Uint32Array(columnToBytes(a, rows).buffer);
  const expected = Array.from({ length: rows }, (_, row) => (row === PART_ROWS ? 0 : row === rows - 1 ? 2 : row + 1));
  expect([...numbers].filter((_, i) => i % 2 === 1)).toEqual(expected);
});
