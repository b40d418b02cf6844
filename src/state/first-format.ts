import type { Incident } from '../decide/incident';
import type { Expectation } from '../domain/command';
import type { GateState } from '../profile/time-gate';
import { createState, type StateLimits } from '../state';
import { type ColumnSpec, columnFromBytes, growColumn } from '../stats/columns';
import { factsFrom } from '../stats/fact-bytes';
import { makeRoom } from '../stats/slab';
import type { Restored } from './thaw';

interface FirstHeader {
  readonly next: number;
  readonly cursor: string;
  readonly gate: GateState;
  readonly hand: number;
  readonly ids: readonly string[];
  readonly names: readonly (readonly [number, string])[];
  readonly incidents: readonly Incident[];
  readonly inventory?: string;
  readonly expectations?: readonly Expectation[];
  /** Name, version and byte length of each array that follows, in order. */
  readonly arrays: readonly { name: string; version: number; bytes: number }[];
}

/**
 * The first format: length of the header (uint32, little endian), header as JSON, then the arrays one after another, a
 * column's rows side by side. Written by version 0.1 until November 2026; read ever since.
 */
export function decodeFirst(bytes: Uint8Array, specs: readonly ColumnSpec[], limits: StateLimits): Restored {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = buffer.readUInt32LE(0);
  const header = JSON.parse(buffer.toString('utf8', 4, 4 + length)) as FirstHeader;

  const arrays = new Map<string, { version: number; data: Uint8Array }>();
  let at = 4 + length;
  for (const { name, version, bytes: size } of header.arrays) {
    arrays.set(name, { version, data: buffer.subarray(at, at + size) });
    at += size;
  }
  if (at !== buffer.length) throw new Error('checkpoint is cut short or too long');

  const state = createState(specs, limits);
  const relearned: string[] = [];
  makeRoom(state.slab, header.ids.length);
  for (const column of state.columns.values()) {
    const stored = arrays.get(column.spec.name);
    if (stored?.version !== column.spec.version) {
      relearned.push(column.spec.name);
      continue;
    }
    if (column.spec.scope === 'partition')
      growColumn(column, stored.data.byteLength / column.data.BYTES_PER_ELEMENT / column.width);
    columnFromBytes(column, stored.data);
  }
  for (const _ of state.keys.restore(header.ids, header.hand));
  state.names.import(header.names);
  Object.assign(state.gate, header.gate);
  return {
    state: {
      ...state,
      facts: factsFrom(arrays, limits.maxFacts),
      next: header.next,
      cursor: header.cursor,
      incidents: header.incidents,
      inventory: header.inventory ?? '',
      expectations: header.expectations ?? [],
    },
    relearned,
  };
}
