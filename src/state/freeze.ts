import { declaredLists, type State } from '../state';
import { PART_ROWS } from '../stats/columns';
import { FACTS_VERSION, shardToBytes } from '../stats/fact-bytes';
import { SHARDS } from '../stats/fact-shard';
import { type BlockHead, blockOf, jsonBlockOf } from './blocks';
import { type ColumnHead, type FactsHead, FORMAT, type LayoutHead, type RowsHead, type StateHead } from './format';

/** Texts, incidents and parts of rows to a step: each step takes about a millisecond, some 1 MB at most. */
const IDS = 8_192;
const INCIDENTS = 256;
const PARTS = 2;

/**
 * The whole state as bytes in pieces, copied in steps; the state must not change between the first step and the last.
 * Nothing of the pieces is shared with the state: once this has returned, the state may go on.
 */
export function* freezeState(state: State): Generator<void, readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const { keys, slab, facts, gate, next, cursor, inventory } = state;
  const rows = keys.ids.length;
  const hand = keys.position();
  pieces.push(
    ...blockOf<StateHead>({ kind: 'state', format: FORMAT, next, cursor, gate, keys: rows, hand, inventory }),
  );
  const columns = slab.columns.map(({ spec: { name, version, type, width }, offset }) => {
    return { name, version, type, width, offset };
  });
  pieces.push(...blockOf<LayoutHead>({ kind: 'layout', rowBytes: slab.rowBytes, columns }));
  for (let from = 0, part = 0; from < rows; from += PART_ROWS, part++) {
    const length = Math.min(PART_ROWS, rows - from) * slab.rowBytes;
    pieces.push(...blockOf<RowsHead>({ kind: 'rows', from }, slab.parts[part].slice(0, length)));
    if (part % PARTS === PARTS - 1) yield;
  }
  for (const { spec, data } of state.columns.values()) {
    if (spec.scope === 'key') continue;
    const { name, version, type, width } = spec;
    const copy = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    pieces.push(...blockOf<ColumnHead>({ kind: 'column', name, version, type, width }, copy));
  }
  yield;
  for (let shard = 0; shard < SHARDS; shard++) {
    const { data, ...size } = shardToBytes(facts, shard);
    pieces.push(...blockOf<FactsHead>({ kind: 'facts', version: FACTS_VERSION, shard, ...size }, data));
    yield;
  }
  for (let from = 0; from < rows; from += IDS) {
    pieces.push(...jsonBlockOf<BlockHead>({ kind: 'ids' }, keys.ids.slice(from, from + IDS)));
    yield;
  }
  pieces.push(...jsonBlockOf<BlockHead>({ kind: 'names' }, state.names.export()));
  yield;
  for (let from = 0; from < state.incidents.length; from += INCIDENTS) {
    pieces.push(...jsonBlockOf<BlockHead>({ kind: 'incidents' }, state.incidents.slice(from, from + INCIDENTS)));
    yield;
  }
  const declared = Object.fromEntries(declaredLists.map((name) => [name, state[name]]));
  pieces.push(...jsonBlockOf<BlockHead>({ kind: 'declared' }, declared));
  pieces.push(...blockOf<BlockHead>({ kind: 'end' }));
  return pieces;
}
