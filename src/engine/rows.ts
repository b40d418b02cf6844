import type { Baseline } from '../detect/baseline';
import type { Inventory, KeyFacts } from '../domain/inventory';
import { columnOf, ownerHashes, type State } from '../state';
import { at, type ColumnSpec, part } from '../stats/columns';
import { copyRow } from '../stats/slab';
import { SECONDS_A_DAY, tenantColumn, tenantsOf } from './tenants';

/** Two hashes a row: they name the facts of its key; one of its tenant. Where in the log a key was last forgotten, and where history ends. */
export const rowColumns: readonly ColumnSpec[] = [
  { name: 'engine.owner', type: 'u32', width: 2, version: 1, scope: 'key' },
  tenantColumn,
  { name: 'engine.forgotten', type: 'f64', width: 1, version: 1, scope: 'partition' },
  { name: 'engine.learnUntil', type: 'f64', width: 1, version: 1, scope: 'partition' },
];

/** Rows by key, and how a key that replaces another comes by its past. */
export interface Rows {
  /** The key's row; a new one inherits from the declared predecessor. `tenant`: '' where it is not known, or not proven. */
  of(key: string, declared: KeyFacts | undefined, tenant: string): number;
  /** Clears the key's row; should the key come back, it is a new one. */
  forget(key: string): void;
  /** Keys past the maturity at the present watermark. Looks at all rows. */
  mature(): number;
  /** Keys of each tenant that were active within a day of the present watermark. Looks at all rows. */
  activeTenants(): ReadonlyMap<string, number>;
  /** Lets the young keys of a new inventory inherit. */
  inheritAll(inventory: Inventory): void;
}

/** From this confidence on a key has a past of its own, which is not given up for its predecessor's. */
export const SETTLED = 0.5;

/** `worth` says how much a row is worth keeping when there is no room. */
export function bindRows(state: State, baseline: Baseline, maturityMs: number, worth: (row: number) => number): Rows {
  const owner = columnOf(state, 'engine.owner');
  const forgotten = columnOf(state, 'engine.forgotten');
  const { keys } = state;
  const tenants = tenantsOf(columnOf(state, 'engine.tenant'));

  /**
   * A key that replaces another starts with that one's past: its row is copied and its facts are shared, so that what
   * either learns while both are in use is known to both. Only a young key inherits, and only once.
   */
  function inherit(row: number, predecessor: string | undefined): void {
    const from = predecessor === undefined ? -1 : keys.find(predecessor);
    if (from < 0 || from === row || part(owner, row)[at(owner, row)] === part(owner, from)[at(owner, from)]) return;
    const now = state.gate.watermark / 1000;
    const days = maturityMs / 86_400_000;
    const own = baseline.confidence(row, now, days);
    if (own >= SETTLED || own >= baseline.confidence(from, now, days)) return;
    copyRow(state.slab, from, row);
  }

  return {
    of(key, declared, tenant) {
      const found = keys.find(key);
      if (found >= 0) {
        tenants.note(found, tenant);
        return found;
      }
      const row = keys.add(key, worth);
      const { low, high } = ownerHashes(key, forgotten.data[0]);
      part(owner, row)[at(owner, row)] = low;
      part(owner, row)[at(owner, row) + 1] = high;
      inherit(row, declared?.predecessor);
      tenants.note(row, tenant);
      return row;
    },
    forget(key) {
      keys.remove(key);
      // Also without a row: one that was given up for another key may have left facts. The same again at the same place.
      forgotten.data[0] = state.next + 1;
    },
    mature() {
      const now = state.gate.watermark / 1000;
      let count = 0;
      for (let row = 0; row < keys.ids.length; row++)
        if (baseline.confidence(row, now, maturityMs / 86_400_000) >= SETTLED) count++;
      return count;
    },
    activeTenants() {
      const from = state.gate.watermark / 1000 - SECONDS_A_DAY;
      return tenants.count(keys.ids.length, (row) => keys.ids[row] !== '' && baseline.last(row) >= from);
    },
    inheritAll({ rows }) {
      for (const { key, predecessor } of rows) {
        const row = predecessor === undefined ? -1 : keys.find(key);
        if (row >= 0) inherit(row, predecessor);
      }
    },
  };
}
