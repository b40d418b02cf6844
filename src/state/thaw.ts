import type { Incident } from '../decide/incident';
import { createState, declaredLists, type State, type StateLimits } from '../state';
import { arrayTypes, type Column, type ColumnSpec, growColumn, PART_ROWS } from '../stats/columns';
import { FACTS_VERSION, shardFromBytes } from '../stats/fact-bytes';
import { makeRoom, type Slab } from '../stats/slab';
import { type Block, blocksIn, firstHead, jsonOf } from './blocks';
import { decodeFirst } from './first-format';
import { type ColumnHead, type FactsHead, FORMAT, type LayoutHead, type RowsHead, type StateHead } from './format';

/** What a checkpoint could not give back; the named columns start empty and are relearned. */
export interface Restored {
  readonly state: State;
  readonly relearned: readonly string[];
}

/** Where the rows of a checkpoint go: undefined when they lie in memory as they do here. */
type Moves = readonly Move[] | undefined;

interface Move {
  readonly column: Column;
  /** Bytes from the beginning of a stored row and of one of ours, and how many. */
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/**
 * A state out of its bytes, in steps of a few milliseconds. A column of another version, type or width is not read: it
 * starts empty, and its name is told. Throws with a clear message when the bytes are no state of a format known here;
 * the first format is read in one step.
 */
export function* thawState(
  bytes: Uint8Array,
  specs: readonly ColumnSpec[],
  limits: StateLimits,
): Generator<void, Restored> {
  const { format } = firstHead(bytes);
  if (format === 1) return decodeFirst(bytes, specs, limits);
  if (format !== FORMAT) throw new Error(`checkpoint has format ${format}, this build reads 1 and ${FORMAT}`);

  const state = createState(specs, limits);
  const known = new Set<string>();
  const ids: string[] = [];
  const names: [number, string][] = [];
  const incidents: Incident[] = [];
  let hand = 0;
  let stored = 0;
  let keys = 0;
  let moves: Moves;
  for (const block of blocksIn(bytes)) {
    switch (block.head.kind) {
      case 'state': {
        const head = block.head as StateHead;
        Object.assign(state.gate, head.gate);
        const { next, cursor, inventory } = head;
        Object.assign(state, { next, cursor, inventory });
        ({ hand, keys } = head);
        break;
      }
      case 'layout': {
        const head = block.head as LayoutHead;
        stored = head.rowBytes;
        const fits = fitting(head, state.slab);
        for (const { column } of fits) known.add(column.spec.name);
        const same = stored === state.slab.rowBytes && fits.length === head.columns.length;
        moves =
          same && fits.length === state.slab.columns.length && fits.every((m) => m.from === m.to) ? undefined : fits;
        makeRoom(state.slab, keys);
        break;
      }
      case 'rows':
        takeRows(state.slab, block as Block<RowsHead>, stored, moves);
        break;
      case 'column':
        if (takeColumn(state, block as Block<ColumnHead>)) known.add((block.head as ColumnHead).name);
        break;
      case 'facts':
        takeFacts(state, block as Block<FactsHead>);
        break;
      case 'ids':
        ids.push(...(jsonOf(block) as string[]));
        break;
      case 'names':
        names.push(...(jsonOf(block) as [number, string][]));
        break;
      case 'incidents':
        incidents.push(...(jsonOf(block) as Incident[]));
        break;
      case 'declared': {
        const declared = jsonOf(block) as Readonly<Partial<Pick<State, (typeof declaredLists)[number]>>>;
        for (const name of declaredLists) Object.assign(state, { [name]: declared[name] ?? [] });
        break;
      }
      case 'end':
        break;
      default:
        throw new Error(`checkpoint has a part "${block.head.kind}" that this build does not know`);
    }
    yield;
  }
  if (ids.length !== keys) throw new Error(`checkpoint has ${ids.length} keys instead of ${keys}`);
  yield* state.keys.restore(ids, hand);
  state.names.import(names);
  state.incidents = incidents;
  const relearned = [...state.columns.keys()].filter((name) => !known.has(name));
  return { state, relearned };
}

function fitting({ columns }: LayoutHead, slab: Slab): Move[] {
  const moves: Move[] = [];
  for (const { name, version, type, width, offset } of columns) {
    const column = slab.columns.find(({ spec }) => spec.name === name);
    if (column?.spec.version !== version || column.spec.type !== type || column.width !== width) continue;
    const size = arrayTypes[type].BYTES_PER_ELEMENT;
    moves.push({ column, from: offset * size, to: column.offset * size, bytes: width * size });
  }
  return moves;
}

function takeRows(slab: Slab, { head, data }: Block<RowsHead>, stored: number, moves: Moves): void {
  const part = slab.parts[head.from / PART_ROWS];
  if (part === undefined || data.byteLength % stored !== 0 || data.byteLength > PART_ROWS * stored)
    throw new Error('checkpoint has rows beyond its keys');
  if (moves === undefined) {
    part.set(data);
    return;
  }
  for (let row = 0, at = 0; at < data.byteLength; row++, at += stored) {
    const to = row * slab.rowBytes;
    for (const move of moves) part.set(data.subarray(at + move.from, at + move.from + move.bytes), to + move.to);
  }
}

function takeColumn(state: State, { head, data }: Block<ColumnHead>): boolean {
  const column = state.columns.get(head.name);
  if (column?.spec.scope !== 'partition' || column.spec.version !== head.version) return false;
  if (column.spec.type !== head.type || column.width !== head.width) return false;
  const size = column.data.BYTES_PER_ELEMENT;
  growColumn(column, data.byteLength / size / column.width);
  new Uint8Array(column.data.buffer, column.data.byteOffset, column.data.byteLength).set(data);
  return true;
}

function takeFacts(state: State, { head, data }: Block<FactsHead>): void {
  if (head.version !== FACTS_VERSION)
    throw new Error(`checkpoint has facts of version ${head.version}, this build reads ${FACTS_VERSION}`);
  shardFromBytes(state.facts, head.shard, { facts: head.facts, buckets: head.buckets, data });
}
