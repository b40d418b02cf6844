import { arrayTypes, type Column, type ColumnArray, type ColumnSpec, type ColumnType, PART_ROWS } from './columns';

/** Widest first: then every number lies on a multiple of its size. */
const order: readonly ColumnType[] = ['f64', 'u32', 'f32', 'u16', 'u8'];

/**
 * Columns of equal height with a row's numbers side by side: an event touches nearly all columns of one key, and in an array
 * each they would lie on some thirty pages instead of one or two. Columns of one type stand together in a row, in the order
 * in which they are declared. Memory comes in parts of `PART_ROWS` rows: growing copies nothing, and the collector is never
 * startled by one large piece.
 */
export interface Slab {
  readonly columns: readonly Column[];
  readonly rowBytes: number;
  readonly parts: Uint8Array[];
}

export function createSlab(specs: readonly ColumnSpec[]): Slab {
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
  // Columns of one type share their views: a few small lists stay close at hand.
  const parts = new Map(order.map((type): [ColumnType, ColumnArray[]] => [type, []]));
  const columns = specs.map((spec) => ({
    spec,
    width: spec.width,
    stride: rowBytes / sizeOf(spec.type),
    offset: starts.get(spec)!,
    parts: parts.get(spec.type)!,
    data: new arrayTypes[spec.type](0),
  }));
  return { columns, rowBytes, parts: [] };
}

/** Makes room for at least so many rows; never gives any back. */
export function makeRoom(slab: Slab, rows: number): void {
  while (slab.parts.length * PART_ROWS < rows) {
    const bytes = new Uint8Array(slab.rowBytes * PART_ROWS);
    slab.parts.push(bytes);
    const lists = new Map(slab.columns.map(({ spec, parts }) => [spec.type, parts]));
    for (const [type, list] of lists) list.push(new arrayTypes[type](bytes.buffer));
  }
}

/** The bytes of one row, of all columns. */
function rowOf({ parts, rowBytes }: Slab, row: number): Uint8Array {
  const from = (row % PART_ROWS) * rowBytes;
  return parts[Math.floor(row / PART_ROWS)].subarray(from, from + rowBytes);
}

export function clearRow(slab: Slab, row: number): void {
  rowOf(slab, row).fill(0);
}

export function copyRow(slab: Slab, from: number, to: number): void {
  rowOf(slab, to).set(rowOf(slab, from));
}
