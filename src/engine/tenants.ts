import { at, type Column, type ColumnSpec, part } from '../stats/columns';
import { hashText } from '../stats/hash';

/** Hash of the key's tenant as it was named last; 0 for none. */
export const tenantColumn: ColumnSpec = { name: 'engine.tenant', type: 'u32', width: 1, version: 1, scope: 'key' };

export const SECONDS_A_DAY = 86_400;

/** Names remembered in memory; tenants beyond are counted under none. */
const MAX_NAMES = 10_000;
/** Tenants in one report, those with most keys first. */
const MAX_REPORTED = 1_000;

export interface Tenants {
  /** '' leaves what is known. */
  note(row: number, tenant: string): void;
  /**
   * How many of the rows that `active` holds for belong to each tenant. Names come from events alone: a tenant that was not
   * seen since the start of the process is left out, as is what is beyond the bounds; its share is unknown, not 0.
   */
  count(rows: number, active: (row: number) => boolean): ReadonlyMap<string, number>;
}

/** The tenants of keys. State holds only hashes; two tenants with one hash count as one. */
export function tenantsOf(column: Column): Tenants {
  const hashes = new Map<string, number>();

  function hashOf(tenant: string): number {
    const known = hashes.get(tenant);
    if (known !== undefined) return known;
    const hash = hashText(tenant) || 1;
    if (hashes.size < MAX_NAMES) hashes.set(tenant, hash);
    return hash;
  }

  return {
    note(row, tenant) {
      if (tenant !== '') part(column, row)[at(column, row)] = hashOf(tenant);
    },
    count(rows, active) {
      const counts = new Map<number, number>();
      for (let row = 0; row < rows; row++) {
        const hash = part(column, row)[at(column, row)];
        if (hash !== 0 && active(row)) counts.set(hash, (counts.get(hash) ?? 0) + 1);
      }
      const named = [...hashes].flatMap(([tenant, hash]): [string, number][] => {
        const keys = counts.get(hash);
        return keys === undefined ? [] : [[tenant, keys]];
      });
      return new Map(named.sort((a, b) => b[1] - a[1]).slice(0, MAX_REPORTED));
    },
  };
}
