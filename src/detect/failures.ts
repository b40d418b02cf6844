import type { Evidence, Facet } from '../domain/evidence';
import type { Observation } from '../domain/observation';
import type { Column, ColumnSpec } from '../stats/columns';
import { decayFactor } from '../stats/decay';
import { betaBinomialTail, chanceOverLooks, surprise } from '../stats/tail';
import { type Baseline, bindBaseline } from './baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from './detector';
import { count } from './words';

/**
 * The share of requests that fail in one way, within an hour, against the key's own past and against the fleet at this
 * moment on the same route, whichever is higher: an outage is nobody's theft. Beta-binomial: the share's spread is that
 * of at most `MAX_TRIALS` past requests. Judged at 4, 8, 16 … failures.
 */
export interface FailureKind {
  readonly name: string;
  readonly facet: Facet;
  readonly plural: string;
  counts(o: Observation): boolean;
}

/** Kept a key: window id, failures and requests in it (all, then those that teach), past failures, requests and hours. */
const ID = 0;
const FAILED = 1;
const TOTAL = 2;
const TAUGHT_FAILED = 3;
const TAUGHT_TOTAL = 4;
const PAST_FAILED = 5;
const PAST_TOTAL = 6;
const PAST_HOURS = 7;
const FIELDS = 8;

const HOUR = 3_600;
const MAX_TRIALS = 200;
const PRIOR_TRIALS = 20;
const KEEP = 0.995;
const FIRST_LOOK = 4;

/** The fleet's present shares are kept for this many route groups. */
const ROUTES = 256;
const FLEET_HALF_LIFE = 600;
/** Numbers a route group: failures and requests (fading), and when last faded. Group `ROUTES` is the whole fleet, slow. */
const FLEET_FIELDS = 3;

export function failureDetector(kind: FailureKind): Detector {
  const columns: readonly ColumnSpec[] = [
    { name: `${kind.name}.hour`, type: 'f64', width: FIELDS, version: 1, scope: 'key' },
    { name: `${kind.name}.fleet`, type: 'f64', width: (ROUTES + 1) * FLEET_FIELDS, version: 1, scope: 'partition' },
  ];
  return { name: kind.name, facet: kind.facet, columns, bind: (tables) => bindFailures(kind, tables) };
}

function bindFailures(kind: FailureKind, tables: Tables): BoundDetector {
  const kept = tables.column(`${kind.name}.hour`);
  const fleet = tables.column(`${kind.name}.fleet`);
  const baseline = bindBaseline(tables);

  return {
    score(row, o) {
      if (!kind.counts(o)) return undefined;
      const at = row * FIELDS;
      const data = kept.data;
      if (data[at + ID] !== Math.floor(o.seconds / HOUR)) return undefined;
      const failed = data[at + FAILED] + 1;
      if (failed < FIRST_LOOK || (failed & (failed - 1)) !== 0) return undefined;
      return judge(kind, data, at, failed, data[at + TOTAL] + 1, o, row, baseline, fleet);
    },
    count(row, o) {
      const failed = kind.counts(o) ? 1 : 0;
      countKey(kept, row, o.seconds, failed);
      learnFleet(fleet, o.route % ROUTES, o.seconds, failed, FLEET_HALF_LIFE);
      learnFleet(fleet, ROUTES, o.seconds, failed, FLEET_HALF_LIFE * 1_000);
    },
    learn(row, o) {
      kept.data[row * FIELDS + TAUGHT_FAILED] += kind.counts(o) ? 1 : 0;
      kept.data[row * FIELDS + TAUGHT_TOTAL]++;
    },
  };
}

function judge(
  kind: FailureKind,
  data: Column['data'],
  at: number,
  failed: number,
  total: number,
  o: Observation,
  row: number,
  baseline: Baseline,
  fleet: Column,
): Evidence | undefined {
  const usual = fleetShare(fleet, ROUTES);
  const own = (data[at + PAST_FAILED] + usual * PRIOR_TRIALS) / (data[at + PAST_TOTAL] + PRIOR_TRIALS);
  const share = Math.min(0.999, Math.max(own, fleetShare(fleet, o.route % ROUTES), 1e-4));
  const trials = Math.min(MAX_TRIALS, data[at + PAST_TOTAL] + PRIOR_TRIALS);
  const p = betaBinomialTail(failed, total, share * trials, (1 - share) * trials);
  const hoursADay = Math.max(1, data[at + PAST_HOURS] / Math.max(1, baseline.age(row, o.seconds)));
  const odd = Math.min(Math.log10(10 * data[at + PAST_HOURS] + 1), surprise(chanceOverLooks(p, hoursADay)));
  if (odd < MIN_SURPRISE) return undefined;
  return {
    detector: kind.name,
    facet: kind.facet,
    kind: 'statistical',
    surprise: odd,
    confidence: o.confidence,
    saw: `${count(failed)} ${kind.plural} in ${count(total)} requests within one hour`,
    expected: `${percent(own)} on this key, ${percent(fleetShare(fleet, o.route % ROUTES))} on this route for everyone just now`,
    since: baseline.since(row) * 1000,
    aboutActor: false,
  };
}

function countKey(kept: Column, row: number, seconds: number, failed: number): void {
  const at = row * FIELDS;
  const data = kept.data;
  const id = Math.floor(seconds / HOUR);
  if (id > data[at + ID]) {
    if (data[at + TAUGHT_TOTAL] > 0) {
      data[at + PAST_FAILED] = data[at + PAST_FAILED] * KEEP + data[at + TAUGHT_FAILED];
      data[at + PAST_TOTAL] = data[at + PAST_TOTAL] * KEEP + data[at + TAUGHT_TOTAL];
      data[at + PAST_HOURS]++;
    }
    data[at + ID] = id;
    data[at + TAUGHT_FAILED] = 0;
    data[at + TAUGHT_TOTAL] = 0;
    data[at + FAILED] = 0;
    data[at + TOTAL] = 0;
  }
  data[at + FAILED] += failed;
  data[at + TOTAL]++;
}

function learnFleet(fleet: Column, group: number, seconds: number, failed: number, halfLife: number): void {
  const at = group * FLEET_FIELDS;
  const data = fleet.data;
  if (seconds > data[at + 2]) {
    const fade = data[at + 2] === 0 ? 0 : decayFactor(seconds - data[at + 2], halfLife);
    data[at] *= fade;
    data[at + 1] *= fade;
    data[at + 2] = seconds;
  }
  data[at] += failed;
  data[at + 1]++;
}

/** Share of failures in a group, half a failure in ten requests added so that few requests claim little. */
function fleetShare(fleet: Column, group: number): number {
  const at = group * FLEET_FIELDS;
  return (fleet.data[at] + 0.1) / (fleet.data[at + 1] + 10);
}

function percent(share: number): string {
  return share < 0.001 ? 'under 0.1 %' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
