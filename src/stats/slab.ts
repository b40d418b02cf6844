import { arrayTypes, type Column, type ColumnArray, type ColumnSpec, type ColumnType } from './columns';

/** Widest first: then every number lies on a multiple of its size. */
const order: readonly ColumnType[] = ['f64', 'u32', 'f32', 'u16', 'u8'];

/**
 * Columns of equal height in one piece of memory, a row's numbers side by side: an event touches nearly all columns of one
 * key, and in an array each they would lie on some thirty pages instead of one or two. Columns of one type stand together
 * in a row, in the order in which they are declared.
 */
export interface Slab {
  readonly columns: readonly Column[];
  readonly rowBytes: number;
  /** Rows that there is room for. */
  rows: number;
  bytes: Uint8Array;
}

export function createSlab(specs: readonly ColumnSpec[], rows: number): Slab {
  const sizeOf = (type: ColumnType) => arrayTypes[type].BYTES_PER_ELEMENT;
  const widest = specs.reduce((size, { type }) => Math.max(size, sizeOf(type)), 1);
  const starts = new Map<ColumnSpec, number>();
  let end = 0;
  for (const type of order) {
    for (const spec of specs) {
      if (spec.type !== type) continue;
      starts.set(spec, end / sizeOf(type));
      end += spec.width * sizeOf(type);
    }
  }
  const rowBytes = Math.ceil(end / widest) * widest;
  const none = new Uint8Array(0);
  const columns = specs.map((spec) => ({
    spec,
    width: spec.width,
    stride: rowBytes / sizeOf(spec.type),
    offset: starts.get(spec)!,
    data: none as ColumnArray,
  }));
  const slab: Slab = { columns, rowBytes, rows: 0, bytes: none };
  growSlab(slab, rows);
  return slab;
}

/** Copies all rows: a few milliseconds for each ten megabytes. */
export function growSlab(slab: Slab, rows: number): void {
  const bytes = new Uint8Array(rows * slab.rowBytes);
  bytes.set(slab.bytes.subarray(0, bytes.length));
  slab.bytes = bytes;
  slab.rows = rows;
  const views = Object.fromEntries(
    order.map((type) => [type, new arrayTypes[type](bytes.buffer, 0, viewLength(bytes, type))]),
  );
  for (const column of slab.columns) column.data = views[column.spec.type];
}

/** Whole numbers of a type; of a type wider than any column there may be a rest. */
function viewLength({ byteLength }: Uint8Array, type: ColumnType): number {
  return Math.floor(byteLength / arrayTypes[type].BYTES_PER_ELEMENT);
}

export function clearRow({ bytes, rowBytes }: Slab, row: number): void {
  bytes.fill(0, row * rowBytes, (row + 1) * rowBytes);
}

export function copyRow({ bytes, rowBytes }: Slab, from: number, to: number): void {
  bytes.copyWithin(to * rowBytes, from * rowBytes, (from + 1) * rowBytes);
}
