import { at, type Column, type ColumnAccess, type ColumnSpec, part } from '../stats/columns';
import { decayFactor } from '../stats/decay';

const HALF_LIFE_DAYS = 60;
const DAY = 86_400;

/**
 * How often a key meets newcomers of each grade of oddity, shrunk to the fleet's rate: a Gamma prior whose mean is the
 * fleet's rate and whose shape is `PRIOR_SHAPE`, updated by the key's own count (Gamma–Poisson; Gelman et al., Bayesian
 * Data Analysis, §2.6). Half a newcomer of prior: a key that met none for weeks is somewhat, not vastly, quieter than the
 * fleet, which is what benign fleets bear out. Counts of grade g are of newcomers at least that odd; half is forgotten in
 * 60 days.
 */
const PRIOR_SHAPE = 0.5;
/** A key's first day fills its memory with what is new only to us: it does not count. Days. */
export const SETTLING = 1;

export function newcomerColumns(owner: string, grades: number): ColumnSpec[] {
  return [
    { name: `${owner}.newcomers`, type: 'f32', width: grades, version: 1, scope: 'key' },
    { name: `${owner}.updated`, type: 'u32', width: 1, version: 1, scope: 'key' },
    { name: `${owner}.fleet`, type: 'f64', width: grades, version: 1, scope: 'partition' },
  ];
}

export interface NewcomerRates {
  /** Newcomers a day of at least this grade (1 …) that this key's past and the fleet make one expect. */
  rate(row: number, grade: number, seconds: number, since: number, fleetKeyDays: number): number;
  /** Of those, the key's own count, decayed. */
  own(row: number, grade: number): number;
  learn(row: number, grade: number, seconds: number): void;
}

export function bindNewcomers(tables: ColumnAccess, owner: string): NewcomerRates {
  const own = tables.column(`${owner}.newcomers`);
  const updated = tables.column(`${owner}.updated`);
  const fleet = tables.column(`${owner}.fleet`);
  return {
    rate(row, grade, seconds, since, fleetKeyDays) {
      const days = Math.max(0, (seconds - since) / DAY);
      const exposure = (HALF_LIFE_DAYS / Math.LN2) * (1 - decayFactor(days, HALF_LIFE_DAYS));
      const fade = decayFactor((seconds - part(updated, row)[at(updated, row)]) / DAY, HALF_LIFE_DAYS);
      const n = part(own, row)[at(own, row) + grade - 1] * fade;
      const fleetRate = (fleet.data[grade - 1] + 0.5) / (fleetKeyDays + 1);
      return (n + PRIOR_SHAPE) / (exposure + PRIOR_SHAPE / fleetRate);
    },
    own: (row, grade) => part(own, row)[at(own, row) + grade - 1],
    learn(row, grade, seconds) {
      fadeRow(own, updated, row, seconds);
      for (let g = 0; g < grade; g++) {
        part(own, row)[at(own, row) + g]++;
        fleet.data[g]++;
      }
    },
  };
}

function fadeRow(own: Column, updated: Column, row: number, seconds: number): void {
  const when = at(updated, row);
  if (seconds <= part(updated, row)[when]) return;
  const fade = decayFactor((seconds - part(updated, row)[when]) / DAY, HALF_LIFE_DAYS);
  part(updated, row)[when] = seconds;
  for (let g = 0; g < own.width; g++) part(own, row)[at(own, row) + g] *= fade;
}
