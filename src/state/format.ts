import type { GateState } from '../profile/time-gate';
import type { ColumnType } from '../stats/columns';
import type { BlockHead } from './blocks';

/** Format of the whole; a build reads this one and the first. */
export const FORMAT = 2;

export interface StateHead extends BlockHead {
  readonly kind: 'state';
  readonly format: typeof FORMAT;
  /** Offset of the first record that has not been taken in, and the source's cursor for it. */
  readonly next: number;
  readonly cursor: string;
  readonly gate: GateState;
  readonly keys: number;
  readonly hand: number;
  readonly inventory: string;
}

/** Where a column of the key rows stands in a row, in numbers of its type. */
export interface StoredColumn {
  readonly name: string;
  readonly version: number;
  readonly type: ColumnType;
  readonly width: number;
  readonly offset: number;
}

export interface LayoutHead extends BlockHead {
  readonly kind: 'layout';
  readonly rowBytes: number;
  readonly columns: readonly StoredColumn[];
}

/** A part of the key rows, row after row as the layout says; the first row is `from`. */
export interface RowsHead extends BlockHead {
  readonly kind: 'rows';
  readonly from: number;
}

/** A column of the partition. */
export interface ColumnHead extends BlockHead {
  readonly kind: 'column';
  readonly name: string;
  readonly version: number;
  readonly type: ColumnType;
  readonly width: number;
}

export interface FactsHead extends BlockHead {
  readonly kind: 'facts';
  readonly version: number;
  readonly shard: number;
  readonly buckets: number;
  readonly facts: number;
}
