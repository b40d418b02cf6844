import { at, type ColumnAccess, part } from '../../stats/columns';
import { decayFactor } from '../../stats/decay';
import { type Baseline, bindBaseline } from '../baseline';
import { CLIENT_GRADES, NETWORK_GRADES } from '../familiarity';
import { type Fit, fitOver } from './layout';

const DAY = 86_400;

/** Half of a key's past is forgotten in this many days. */
export const HALF_LIFE = 14;
/** A key's first day fills its memory with what is new only to us; it is counted apart. Days. */
export const SETTLING = 1;
/** How many key-days' worth the fleet's client rates weigh in a key's own. */
const CLIENT_SPREAD = 2;
/** Share of a key's excess at one grade that is expected at the next (on a log scale). */
const BACK_OFF = 0.5;

/**
 * Rates of harmless newcomers a day. A key's own count, Gamma–Poisson shrunk to the fleet's rate: (α + N) / (α/μ + T),
 * with α fitted to the spread between keys and μ following the key's excess at the grade before (a key that meets many
 * new networks will meet more new countries). T is the exposure in days, fading like the counts.
 */
export interface Rates {
  readonly fit: Fit;
  isYoung(row: number, seconds: number): boolean;
  /** Fills in what a key's past comes to at `seconds`, and answers it. */
  past(row: number, seconds: number, into: Past): Past;
  /** Fading count of newcomers at least as odd as a network grade (1 …), brought to `seconds`. */
  networkCount(row: number, grade: number, seconds: number): number;
  clientCount(row: number, grade: number, seconds: number): number;
  /** Fills `out[1 … 4]` with the rates of newcomers at least as odd as each network grade. */
  network(row: number, seconds: number, out: Float64Array): void;
  networkOf(past: Past, out: Float64Array): void;
  client(row: number, grade: number, seconds: number): number;
  clientOf(past: Past, grade: number): number;
}

/** A key's past at one moment: age and exposure in days, and the faded counts, of network grades and then of client grades. */
export interface Past {
  age: number;
  exposure: number;
  readonly counts: Float64Array;
}

export function createPast(): Past {
  return { age: 0, exposure: 0, counts: new Float64Array(NETWORK_GRADES + CLIENT_GRADES) };
}

export function bindRates(tables: ColumnAccess): Rates {
  const counts = tables.column('newcomer.counts');
  const updated = tables.column('newcomer.updated');
  const fit = fitOver(tables.column('newcomer.fit'));
  const baseline: Baseline = bindBaseline(tables);
  const width = NETWORK_GRADES + CLIENT_GRADES;
  const fade = (row: number, seconds: number) =>
    decayFactor((seconds - part(updated, row)[at(updated, row)]) / DAY, HALF_LIFE);
  const scratch = createPast();

  const rates: Rates = {
    fit,
    isYoung: (row, seconds) => baseline.age(row, seconds) < SETTLING,
    past(row, seconds, into) {
      into.age = baseline.age(row, seconds);
      const days = into.age - SETTLING;
      into.exposure = days <= 0 ? 0 : (HALF_LIFE / Math.LN2) * (1 - decayFactor(days, HALF_LIFE));
      const left = fade(row, seconds);
      const own = part(counts, row);
      const from = at(counts, row);
      for (let i = 0; i < width; i++) into.counts[i] = own[from + i] * left;
      return into;
    },
    networkCount: (row, grade, seconds) => part(counts, row)[at(counts, row) + grade - 1] * fade(row, seconds),
    clientCount: (row, grade, seconds) =>
      part(counts, row)[at(counts, row) + NETWORK_GRADES + grade - 1] * fade(row, seconds),
    network: (row, seconds, out) => rates.networkOf(rates.past(row, seconds, scratch), out),
    networkOf(past, out) {
      if (past.age < SETTLING) {
        for (let g = 1; g <= NETWORK_GRADES; g++) out[g] = fit.youngNetwork(g);
        return;
      }
      for (let g = 1; g <= NETWORK_GRADES; g++) {
        const mean = fit.network(g) * (g === 1 ? 1 : (out[g - 1] / fit.network(g - 1)) ** BACK_OFF);
        const alpha = fit.spread(g);
        const rate = (alpha + past.counts[g - 1]) / (alpha / mean + past.exposure);
        out[g] = g === 1 ? rate : Math.min(out[g - 1], rate);
      }
    },
    client: (row, grade, seconds) => rates.clientOf(rates.past(row, seconds, scratch), grade),
    clientOf(past, grade) {
      if (past.age < SETTLING) return fit.youngClient(grade);
      const own = CLIENT_SPREAD + past.counts[NETWORK_GRADES + grade - 1];
      return own / (CLIENT_SPREAD / fit.client(grade) + past.exposure);
    },
  };
  return rates;
}
