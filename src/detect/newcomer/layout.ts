import type { Column, ColumnSpec } from '../../stats/columns';
import { CLIENT_GRADES, NETWORK_GRADES } from '../familiarity';

/**
 * What the newcomer detector keeps. A key: fading counts of its newcomers at least as odd as each network grade (N) and,
 * for newcomers at a known address, each client grade (C); how often its newcomers came with its own usual agents (W of
 * WN). The partition: what keys younger than a day met, the same agreement over all keys, how much that agreement moves
 * the odds (a histogram), and what the last fit made of it all.
 */
export const newcomerDetectorColumns: readonly ColumnSpec[] = [
  { name: 'newcomer.counts', type: 'f32', width: NETWORK_GRADES + CLIENT_GRADES, version: 1, scope: 'key' },
  { name: 'newcomer.agreement', type: 'f32', width: 2, version: 1, scope: 'key' },
  { name: 'newcomer.updated', type: 'u32', width: 1, version: 1, scope: 'key' },
  { name: 'newcomer.young', type: 'f64', width: NETWORK_GRADES + CLIENT_GRADES, version: 1, scope: 'partition' },
  { name: 'newcomer.fleet', type: 'f64', width: 8, version: 1, scope: 'partition' },
  { name: 'newcomer.odds', type: 'f64', width: 9, version: 1, scope: 'partition' },
  { name: 'newcomer.fit', type: 'f64', width: 3 * NETWORK_GRADES + 2 * CLIENT_GRADES, version: 1, scope: 'partition' },
  { name: 'newcomer.forecast', type: 'f64', width: 161, version: 1, scope: 'partition' },
];

/** Fields of `newcomer.fleet`. Times in seconds. */
export const fleetField = {
  /** Agreement over all keys: sum and count. */
  agreed: 0,
  newcomers: 1,
  /** Pairs of key and agent seen so far. */
  pairs: 2,
  /** Client changes at known addresses: fading count, its time, and the plain count since the start. */
  changes: 3,
  changedAt: 4,
  allChanges: 5,
  startedAt: 6,
  fittedAt: 7,
} as const;

/** Prior rates a day, of network grades 1 … 4 and client grades 1 … 3: worth ten key-days, soon outvoted. */
export const priorNetwork = [0.3, 0.25, 0.2, 0.02];
export const priorClient = [0.1, 0.05, 0.02];

/** Odds bins: rounded log2 of the factor, −4 … 4. */
export const ODDS_BINS = 9;
export const ODDS_ZERO = 4;

/** The forecast's bins over surprise 0 … 8. */
export const FORECAST_STEP = 0.05;
export const FORECAST_BINS = 161;

/** The last fit, in one row: fleet rates, their spread between keys, rates of young keys. */
export interface Fit {
  readonly column: Column;
  network(grade: number): number;
  spread(grade: number): number;
  youngNetwork(grade: number): number;
  client(grade: number): number;
  youngClient(grade: number): number;
}

const SPREAD = NETWORK_GRADES;
const YOUNG = 2 * NETWORK_GRADES;
const CLIENT = 3 * NETWORK_GRADES;
const YOUNG_CLIENT = CLIENT + CLIENT_GRADES;

/** Reads a fit; before the first one, the priors. */
export function fitOver(column: Column): Fit {
  const read = (at: number, prior: number) => column.data[at] || prior;
  return {
    column,
    network: (g) => read(g - 1, priorNetwork[g - 1]),
    spread: (g) => read(SPREAD + g - 1, 2),
    youngNetwork: (g) => read(YOUNG + g - 1, 5 * priorNetwork[g - 1]),
    client: (g) => read(CLIENT + g - 1, priorClient[g - 1]),
    youngClient: (g) => read(YOUNG_CLIENT + g - 1, 5 * priorClient[g - 1]),
  };
}

export function writeFit(
  { data }: Column,
  fit: Record<'network' | 'spread' | 'youngNetwork' | 'client' | 'youngClient', readonly number[]>,
): void {
  data.set(fit.network, 0);
  data.set(fit.spread, SPREAD);
  data.set(fit.youngNetwork, YOUNG);
  data.set(fit.client, CLIENT);
  data.set(fit.youngClient, YOUNG_CLIENT);
}
