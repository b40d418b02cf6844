import { createHash } from 'node:crypto';
import type { Incident } from './decide/incident';
import type { Expectation } from './domain/command';
import { createGateState, type GateState } from './profile/time-gate';
import {
  type Column,
  type ColumnSpec,
  columnFromBytes,
  columnToBytes,
  createColumn,
  growColumn,
} from './stats/columns';
import { factParts, factsFrom, type Part } from './stats/fact-bytes';
import { FactTable } from './stats/facts';
import { hashText } from './stats/hash';
import { KeyIndex } from './stats/key-index';
import { NameTable } from './stats/names';
import { clearRow, createSlab, makeRoom, type Slab } from './stats/slab';

/**
 * All that is kept of one partition: rows of keys in columns, the shared fact table and names, the time gate and the
 * place in the log. Checkpointed whole (`encodeState`), restored whole (`decodeState`).
 */
export interface State {
  readonly columns: ReadonlyMap<string, Column>;
  /** The columns with one row a key. */
  readonly slab: Slab;
  readonly facts: FactTable;
  readonly names: NameTable;
  readonly gate: GateState;
  readonly keys: KeyRows;
  /** Offset of the first record that has not been taken in. Lower ones are ignored. */
  next: number;
  /** The source's cursor for `next`. */
  cursor: string;
  /** Incidents of a checkpoint, for the book to take over; the engine exports them before encoding. */
  incidents: readonly Incident[];
  /** Digest of the inventory in use, '' for none. */
  inventory: string;
  expectations: readonly Expectation[];
}

export interface StateLimits {
  readonly maxKeys: number;
  readonly maxFacts: number;
  readonly maxNames: number;
}

/** Facts a key may have on average before the oldest are forgotten. */
const FACTS_PER_KEY = 32;

export function limitsFor(maxKeys: number): StateLimits {
  return { maxKeys, maxFacts: Math.max(65_536, maxKeys * FACTS_PER_KEY), maxNames: 20_000 };
}

/** Rows looked at to find one to give up. */
const CANDIDATES = 16;

/** Rows by key id. A row's two hashes name the key's facts and outlive nothing but the row. */
export class KeyRows {
  readonly ids: string[] = [];
  private readonly rows = new KeyIndex((row) => this.ids[row]);
  private hand = 0;

  constructor(
    private readonly slab: Slab,
    private readonly max: number,
  ) {}

  /** Row of the key, or −1. */
  find(key: string): number {
    return this.rows.find(key);
  }

  size(): number {
    return this.rows.size();
  }

  /**
   * A cleared row for a new key. When all rows are taken, the least worth keeping of 16 rows spread over the table is
   * replaced; `worth` says how much a row is worth.
   */
  add(key: string, worth: (row: number) => number): number {
    const row = this.ids.length < this.max ? this.append(key) : this.replace(key, worth);
    this.rows.add(key, row);
    return row;
  }

  restore(ids: readonly string[], hand: number): void {
    for (const id of ids) {
      this.ids.push(id);
      this.rows.add(id, this.ids.length - 1);
    }
    this.hand = hand;
  }

  position(): number {
    return this.hand;
  }

  private append(key: string): number {
    const row = this.ids.length;
    this.ids.push(key);
    makeRoom(this.slab, row + 1);
    return row;
  }

  private replace(key: string, worth: (row: number) => number): number {
    let victim = this.hand;
    let least = Infinity;
    const stride = Math.max(1, Math.floor(this.max / CANDIDATES));
    for (let i = 0; i < CANDIDATES; i++) {
      const row = (this.hand + i * stride) % this.max;
      const value = worth(row);
      if (value < least) {
        least = value;
        victim = row;
      }
    }
    this.hand = (this.hand + 1) % this.max;
    this.rows.remove(this.ids[victim]);
    this.ids[victim] = key;
    clearRow(this.slab, victim);
    return victim;
  }
}

export function createState(specs: readonly ColumnSpec[], limits: StateLimits): State {
  const slab = createSlab(specs.filter(({ scope }) => scope === 'key'));
  const ofKeys = slab.columns.values();
  const columns = new Map<string, Column>();
  for (const spec of specs) {
    if (columns.has(spec.name)) throw new Error(`column ${spec.name} is declared twice`);
    columns.set(spec.name, spec.scope === 'key' ? (ofKeys.next().value as Column) : createColumn(spec, 1));
  }
  return {
    columns,
    slab,
    facts: new FactTable(limits.maxFacts),
    names: new NameTable(limits.maxNames),
    gate: createGateState(),
    keys: new KeyRows(slab, limits.maxKeys),
    next: 0,
    cursor: '',
    incidents: [],
    inventory: '',
    expectations: [],
  };
}

export function columnOf(state: State, name: string): Column {
  const column = state.columns.get(name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}

/** Bytes of the tables; key texts and maps come on top. */
export function stateBytes({ slab, keys, facts }: State): number {
  return slab.rowBytes * keys.size() + facts.bytes();
}

/** SHA-256 over the encoded state: equal digests mean equal states. */
export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const FORMAT = 1;

interface Header {
  readonly format: number;
  readonly next: number;
  readonly cursor: string;
  readonly gate: GateState;
  readonly hand: number;
  readonly ids: readonly string[];
  readonly names: readonly (readonly [number, string])[];
  readonly incidents: readonly Incident[];
  readonly inventory: string;
  readonly expectations: readonly Expectation[];
  /** Name, version, type, width and byte length of each array that follows, in order. */
  readonly arrays: readonly { name: string; version: number; bytes: number }[];
}

/** Layout: length of the header (uint32, little endian), header as JSON, then the arrays one after another. */
export function encodeState(state: State): Uint8Array {
  const rows = state.keys.ids.length;
  const parts: Part[] = [];
  for (const column of state.columns.values()) {
    const data = columnToBytes(column, column.spec.scope === 'key' ? rows : column.data.length / column.width);
    parts.push({ name: column.spec.name, version: column.spec.version, data });
  }
  parts.push(...factParts(state.facts));
  const header: Header = {
    format: FORMAT,
    next: state.next,
    cursor: state.cursor,
    gate: state.gate,
    hand: state.keys.position(),
    ids: state.keys.ids,
    names: state.names.export(),
    incidents: state.incidents,
    inventory: state.inventory,
    expectations: state.expectations,
    arrays: parts.map(({ name, version, data }) => ({ name, version, bytes: data.byteLength })),
  };
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text, ...parts.map((p) => p.data)]);
}

/** What a checkpoint could not give back; the named columns start empty and are relearned. */
export interface Restored {
  readonly state: State;
  readonly relearned: readonly string[];
}

/** Throws with a clear message when the bytes are no state of this format. */
export function decodeState(bytes: Uint8Array, specs: readonly ColumnSpec[], limits: StateLimits): Restored {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = buffer.length < 4 ? -1 : buffer.readUInt32LE(0);
  if (length < 0 || length > buffer.length - 4) throw new Error('checkpoint is no keywatch state');
  const header = JSON.parse(buffer.toString('utf8', 4, 4 + length)) as Header;
  if (header.format !== FORMAT) throw new Error(`checkpoint has format ${header.format}, this build reads ${FORMAT}`);

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
  state.keys.restore(header.ids, header.hand);
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

/** The two hashes that name a key's facts. */
export function ownerHashes(key: string): { low: number; high: number } {
  return { low: hashText(key), high: hashText(key, 0x9747b28c) };
}
