/**
 * Columns of numbers, one row a key (or one row a partition), in typed arrays. A detector declares what it needs; the
 * state lays it out (`slab.ts`). Growing adds parts or replaces the array, so code holds the `Column` and reads it at each use.
 */

export type ColumnType = 'f32' | 'f64' | 'u32' | 'u16' | 'u8';

export interface ColumnSpec {
  /** Unique; by convention `owner.what`. */
  readonly name: string;
  readonly type: ColumnType;
  /** Numbers a row. */
  readonly width: number;
  /** Raised when the meaning changes: older data of this column is then forgotten (relearned), never misread. */
  readonly version: number;
  /** `key`: one row a key. `partition`: a single row, or as many as its owner has made it grow to. */
  readonly scope: 'key' | 'partition';
}

export type ColumnArray = Float32Array | Float64Array | Uint32Array | Uint16Array | Uint8Array;

export interface Column {
  readonly spec: ColumnSpec;
  readonly width: number;
  /** From one row of a part to the next, and before its first: in numbers of the column's type. */
  readonly stride: number;
  readonly offset: number;
  /**
   * Row `r` of a key's column is `part(column, r)` from `at(column, r)` on, `width` numbers; what lies between rows is other
   * columns'. New rows are zero.
   */
  readonly parts: ColumnArray[];
  /** Of a column with scope `partition`: all rows, one after another. */
  data: ColumnArray;
}

export const arrayTypes = {
  f32: Float32Array,
  f64: Float64Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
} as const;

/** Rows of a part, as a power of two: small enough that a few rows waste little, and that a new one costs nothing. */
const PART_BITS = 9;
export const PART_ROWS = 1 << PART_BITS;

/** The array in which a row lies. */
export const part = (column: Column, row: number): ColumnArray => column.parts[row >>> PART_BITS];

/** Where in its part a row begins. */
export const at = (column: Column, row: number): number => (row & (PART_ROWS - 1)) * column.stride + column.offset;

/** A column with an array of its own, row after row; by `part` and `at` the first `PART_ROWS` are reached. */
export function createColumn(spec: ColumnSpec, rows: number): Column {
  const data = new arrayTypes[spec.type](rows * spec.width);
  return { spec, width: spec.width, stride: spec.width, offset: 0, parts: [data], data };
}

/** For a column with scope `partition`. */
export function growColumn(column: Column, rows: number): void {
  const grown = new arrayTypes[column.spec.type](rows * column.width);
  grown.set(column.data.subarray(0, Math.min(grown.length, column.data.length)));
  column.data = grown;
  column.parts[0] = grown;
}

/** Where a detector finds its columns and the shared fact table. */
export interface ColumnAccess {
  column(name: string): Column;
}

/** The first rows of a column, one after another, as bytes. */
export function columnToBytes(column: Column, rows: number): Uint8Array {
  const packed = new arrayTypes[column.spec.type](rows * column.width);
  const { width } = column;
  for (let row = 0, to = 0; row < rows; row++) {
    const data = part(column, row);
    const from = at(column, row);
    for (let i = 0; i < width; i++) packed[to++] = data[from + i];
  }
  return new Uint8Array(packed.buffer);
}

/** Puts what `columnToBytes` answered into a column with room for it. Copies: checkpoints need no alignment. */
export function columnFromBytes(column: Column, bytes: Uint8Array): void {
  const packed = new arrayTypes[column.spec.type](new Uint8Array(bytes).buffer);
  const { width } = column;
  for (let row = 0, from = 0; from < packed.length; row++) {
    const data = part(column, row);
    const to = at(column, row);
    for (let i = 0; i < width; i++) data[to + i] = packed[from++];
  }
}
