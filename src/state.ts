import type { Incident } from './decide/incident';
import type { Act, Expectation, Mute } from './domain/command';
import type { Policy } from './domain/policy';
import type { KeyUses } from './domain/use';
import { createGateState, type GateState } from './profile/time-gate';
import { type Column, type ColumnSpec, createColumn } from './stats/columns';
import { FactTable } from './stats/facts';
import { hashText } from './stats/hash';
import { KeyIndex } from './stats/key-index';
import { NameTable } from './stats/names';
import { clearRow, createSlab, makeRoom, type Slab } from './stats/slab';

/**
 * All that is kept of one partition: rows of keys in columns, the shared fact table and names, the time gate and the
 * place in the log. Checkpointed whole (`state/freeze.ts`), restored whole (`state/thaw.ts`).
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
  mutes: readonly Mute[];
  acts: readonly Act[];
  uses: readonly KeyUses[];
  /** The policy that a command put in force; empty: that of the settings. */
  policies: readonly Policy[];
}

/** What was declared and said: lists that a checkpoint keeps by their names. One it does not have is empty. */
export const declaredLists = [
  'expectations',
  'mutes',
  'acts',
  'uses',
  'policies',
] as const satisfies readonly (keyof State)[];

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

/** Keys entered in one step of a restore. */
const RESTORED = 8_192;

/** Rows by key id. A row's two hashes name the key's facts and outlive nothing but the row. */
export class KeyRows {
  readonly ids: string[] = [];
  private readonly rows = new KeyIndex((row) => this.ids[row]);
  private hand = 0;
  /** Rows without a key (their id is ''), in order: of keys that were forgotten. Taken again before any other. */
  private readonly free: number[] = [];

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
    const row = this.reuse(key) ?? (this.ids.length < this.max ? this.append(key) : this.replace(key, worth));
    this.rows.add(key, row);
    return row;
  }

  /** Clears the key's row. False where there is none. */
  remove(key: string): boolean {
    const row = this.find(key);
    if (row < 0) return false;
    this.rows.remove(key);
    this.ids[row] = '';
    clearRow(this.slab, row);
    this.free.push(row);
    this.free.sort((a, b) => a - b);
    return true;
  }

  /** Into an empty table, in steps. */
  *restore(ids: readonly string[], hand: number): Generator<void, void> {
    this.rows.reserve(ids.length);
    for (const id of ids) {
      this.ids.push(id);
      if (id === '') this.free.push(this.ids.length - 1);
      else this.rows.add(id, this.ids.length - 1);
      if (this.ids.length % RESTORED === 0) yield;
    }
    this.hand = hand;
  }

  position(): number {
    return this.hand;
  }

  private reuse(key: string): number | undefined {
    const row = this.free.shift();
    if (row !== undefined) this.ids[row] = key;
    return row;
  }

  private append(key: string): number {
    const row = this.ids.length;
    this.ids.push(key);
    makeRoom(this.slab, row + 1);
    return row;
  }

  private replace(key: string, worth: (row: number) => number): number {
    // More than `max` where a checkpoint has more: what is known stays, and all of it is looked at.
    const rows = this.ids.length;
    let victim = this.hand % rows;
    let least = Infinity;
    const stride = Math.max(1, Math.floor(rows / CANDIDATES));
    for (let i = 0; i < CANDIDATES; i++) {
      const row = (this.hand + i * stride) % rows;
      const value = worth(row);
      if (value < least) {
        least = value;
        victim = row;
      }
    }
    this.hand = (this.hand + 1) % rows;
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
    mutes: [],
    acts: [],
    uses: [],
    policies: [],
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

/**
 * The two hashes that name a key's facts. `turn` is another one after each key that is forgotten: what that key has left
 * among the facts is nobody's, also when the key comes back.
 */
export function ownerHashes(key: string, turn = 0): { low: number; high: number } {
  const name = turn === 0 ? key : `${key}\0${turn}`;
  return { low: hashText(name), high: hashText(name, 0x9747b28c) };
}
