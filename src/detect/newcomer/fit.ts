import { chancePerDay } from '../../stats/tail';
import { type Baseline, bindBaseline } from '../baseline';
import type { Tables } from '../detector';
import { CLIENT_GRADES, NETWORK_GRADES } from '../familiarity';
import type { Agreement } from './agreement';
import {
  FORECAST_BINS,
  FORECAST_STEP,
  fleetField,
  ODDS_BINS,
  ODDS_ZERO,
  priorClient,
  priorNetwork,
  writeFit,
} from './layout';
import { bindRates, createPast, type Past, type Rates, SETTLING } from './rates';

/** Event time between two fits, seconds. */
const EVERY = 6 * 3_600;
/** The priors weigh as much as this many key-days. */
const PRIOR_DAYS = 10;
/** At most this many keys are looked at, evenly spread over the rows. */
const SAMPLE = 2_000;
const MOST_ALIKE = 50;
const LEAST_ALIKE = 0.3;

/**
 * Refits the fleet's rates and forecasts, from the rates alone, how many harmless key-days reach each surprise: for every
 * sampled key the rate of newcomers of exactly each grade, spread over the odds seen so far, falls into the bin of the
 * surprise that it would have. The forecast makes the detector's surprise honest without waiting for alerts to count.
 */
export function bindFit(tables: Tables, agreement: Agreement): { maybe(seconds: number): void } {
  const rates = bindRates(tables);
  const baseline = bindBaseline(tables);
  const fleet = tables.column('newcomer.fleet');
  const young = tables.column('newcomer.young');
  const forecast = tables.column('newcomer.forecast');

  function refit(seconds: number): void {
    const keys = sample(tables.rows(), rates, baseline, seconds);
    const exposure = sum(keys, (key) => key.exposure);
    const youth = sum(keys, (key) => Math.min(SETTLING, key.age));
    // Counts of young keys are of all rows, the sample's exposure of some: brought to the same base.
    const scale = keys.length / Math.max(1, tables.rows());
    const per = (counts: number, prior: number) => (counts + PRIOR_DAYS * prior) / (exposure + PRIOR_DAYS);
    const inYouth = (index: number, prior: number) => (young.data[index] * scale + 10 * prior) / (youth + 2);
    const grades = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    const counted = (at: number, prior: number) =>
      per(
        sum(keys, (key) => key.counts[at]),
        prior,
      );

    const network = grades(NETWORK_GRADES).map((g) => counted(g - 1, priorNetwork[g - 1]));
    const client = grades(CLIENT_GRADES).map((g) => counted(NETWORK_GRADES + g - 1, priorClient[g - 1]));
    const youngNetwork = grades(NETWORK_GRADES).map((g) => inYouth(g - 1, priorNetwork[g - 1]));
    const youngClient = grades(CLIENT_GRADES).map((g) => inYouth(NETWORK_GRADES + g - 1, priorClient[g - 1]));
    const spread = grades(NETWORK_GRADES).map((g) => rates.fit.spread(g));
    writeFit(rates.fit.column, { network, spread, youngNetwork, client, youngClient });
    for (let g = 1; g <= NETWORK_GRADES; g++) {
      spread[g - 1] = alikeness(keys, rates, g);
      writeFit(rates.fit.column, { network, spread, youngNetwork, client, youngClient });
    }
    forecastFrom(keys);
  }

  function forecastFrom(keys: readonly Past[]): void {
    const bins = forecast.data;
    bins.fill(0);
    const perKey = 1 / Math.max(1, keys.length);
    const add = (rate: number, share: number, weight: number) => {
      if (!(share > 0 && weight > 0)) return;
      bins[binOfRate(rate)] += share * weight * perKey;
    };
    const odds = Float64Array.from({ length: ODDS_BINS }, (_, b) => agreement.bin(b));
    const network = new Float64Array(NETWORK_GRADES + 2);
    for (const key of keys) {
      rates.networkOf(key, network);
      network[NETWORK_GRADES + 1] = 0;
      for (let g = 1; g <= NETWORK_GRADES; g++) {
        const exactly = network[g] - network[g + 1];
        for (let b = 0; b < ODDS_BINS; b++) add(network[g] / 2 ** (b - ODDS_ZERO), exactly, odds[b]);
      }
      for (let g = 2; g <= CLIENT_GRADES; g++) {
        const rate = rates.clientOf(key, g);
        add(rate, rate - (g < CLIENT_GRADES ? rates.clientOf(key, g + 1) : 0), 1);
      }
    }
    for (let i = FORECAST_BINS - 2; i >= 0; i--) bins[i] += bins[i + 1];
  }

  return {
    maybe(seconds) {
      const { data } = fleet;
      if (data[fleetField.startedAt] === 0) {
        data[fleetField.startedAt] = seconds;
        data[fleetField.fittedAt] = seconds;
      }
      if (seconds - data[fleetField.fittedAt] < EVERY) return;
      data[fleetField.fittedAt] = seconds;
      refit(seconds);
    },
  };
}

/** −log10 of the chance of at least one such newcomer on one day. */
export function nominal(rate: number): number {
  return -Math.log10(Math.max(1e-9, chancePerDay(rate)));
}

/**
 * The surprise of a nominal one: −log10 of the forecast share of key-days that reach it. Beyond the last that is
 * expected at all, the share goes on falling tenfold per unit. `forecast` all zero: not fitted yet, nominal.
 */
export function forecastSurprise(forecast: ArrayLike<number>, surprise: number): number {
  if (!(forecast[0] > 0)) return surprise;
  let bin = binOf(surprise);
  while (bin > 0 && !(forecast[bin] > 0)) bin--;
  const beyond = Math.max(0, surprise - bin * FORECAST_STEP - FORECAST_STEP);
  return Math.max(0, -Math.log10(Math.min(1, forecast[bin]))) + beyond;
}

export function binOf(surprise: number): number {
  return Math.max(0, Math.min(FORECAST_BINS - 1, Math.floor(surprise / FORECAST_STEP + 1e-9)));
}

/** The greatest rate that falls into each bin: a fit asks some ten thousand times, and two logarithms would cost more. */
const greatestRate = Float64Array.from(
  { length: FORECAST_BINS },
  (_, bin) => -Math.log1p(-(10 ** (-bin * FORECAST_STEP))),
);

/** `binOf(nominal(rate))` by bisection. */
export function binOfRate(rate: number): number {
  let low = 0;
  let high = FORECAST_BINS - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rate <= greatestRate[middle]) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * α of the Gamma prior by moments over keys: large where all keys are alike, small where they differ. Held at 2 by ten
 * pseudo-observations.
 */
function alikeness(keys: readonly Past[], rates: Rates, grade: number): number {
  const network = new Float64Array(NETWORK_GRADES + 1);
  let squares = 0;
  let excess = 0;
  for (const key of keys) {
    if (key.exposure <= 0) continue;
    rates.networkOf(key, network);
    const mean =
      rates.fit.network(grade) * (grade === 1 ? 1 : Math.sqrt(network[grade - 1] / rates.fit.network(grade - 1)));
    const expected = mean * key.exposure;
    squares += expected ** 2;
    excess += (key.counts[grade - 1] - expected) ** 2 - expected;
  }
  return Math.min(MOST_ALIKE, Math.max(LEAST_ALIKE, (squares + 10) / (Math.max(0, excess) + 5)));
}

function sample(rows: number, rates: Rates, baseline: Baseline, seconds: number): Past[] {
  const stride = Math.max(1, Math.floor(rows / SAMPLE));
  const out: Past[] = [];
  for (let row = 0; row < rows; row += stride) {
    if (baseline.events(row) > 0 && baseline.since(row) <= seconds) out.push(rates.past(row, seconds, createPast()));
  }
  return out;
}

function sum(keys: readonly Past[], of: (key: Past) => number): number {
  let total = 0;
  for (const key of keys) total += of(key);
  return total;
}
