/**
 * Columns of numbers, one row a key (or one row a partition), in typed arrays. A detector declares what it needs; the
 * state lays it out. Growing replaces the arrays, so code holds the `Column` and reads `column.data` at each use.
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
  /** Row `r` is `data[r * width … r * width + width − 1]`. New rows are zero. */
  data: ColumnArray;
}

const constructors = {
  f32: Float32Array,
  f64: Float64Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
} as const;

export function createColumn(spec: ColumnSpec, rows: number): Column {
  return { spec, width: spec.width, data: new constructors[spec.type](rows * spec.width) };
}

export function growColumn(column: Column, rows: number): void {
  const grown = new constructors[column.spec.type](rows * column.width);
  grown.set(column.data.subarray(0, Math.min(grown.length, column.data.length)));
  column.data = grown;
}

export function clearRow(column: Column, row: number): void {
  column.data.fill(0, row * column.width, (row + 1) * column.width);
}

export function copyRow(column: Column, from: number, to: number): void {
  column.data.copyWithin(to * column.width, from * column.width, (from + 1) * column.width);
}

/** Where a detector finds its columns and the shared fact table. */
export interface ColumnAccess {
  column(name: string): Column;
}

export function bytesPerRow(specs: readonly ColumnSpec[]): number {
  let bytes = 0;
  for (const spec of specs) if (spec.scope === 'key') bytes += spec.width * constructors[spec.type].BYTES_PER_ELEMENT;
  return bytes;
}

/** Reads a column's array out of bytes, copying it (checkpoints need no alignment). */
export function columnFromBytes(spec: ColumnSpec, bytes: Uint8Array): ColumnArray {
  const copy = new Uint8Array(bytes);
  const ArrayType = constructors[spec.type];
  return new ArrayType(copy.buffer, 0, copy.byteLength / ArrayType.BYTES_PER_ELEMENT);
}

export function columnToBytes(column: Column): Uint8Array {
  return new Uint8Array(column.data.buffer, column.data.byteOffset, column.data.byteLength);
}
