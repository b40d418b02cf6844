import type { Evidence, Facet } from '../domain/evidence';
import type { Observation } from '../domain/observation';
import { type Column, type ColumnSpec, part, at as rowAt } from '../stats/columns';
import { decayFactor } from '../stats/decay';
import { betaBinomialTail, chanceOverLooks, surprise } from '../stats/tail';
import { type Baseline, bindBaseline } from './baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from './detector';
import { failureFleetColumn, LONG, learnFleet, presentShare, usualShare } from './failure-fleet';
import { count } from './words';

/**
 * The share of requests that fail in one way, within an hour. What is expected is summed request by request: the key's own
 * past share, or the share of the other keys on that request's route at that moment, whichever is higher; and never less
 * than what the others' present share would make of the whole window. An outage is nobody's theft. Beta-binomial with the
 * spread of at most `MAX_TRIALS` past requests, of fewer as the fleet moves. Judged from the fourth failure on, each time
 * failures have doubled, not before `SETTLE` seconds after the first: retries fail in a burst before anyone else does.
 */
export interface FailureKind {
  readonly name: string;
  readonly facet: Facet;
  readonly plural: string;
  counts(o: Observation): boolean;
}

/** Kept a key: the window's hour; failures, requests and expected failures in it; of those that teach, the first two. */
const ID = 0;
const FAILED = 1;
const TOTAL = 2;
const EXPECTED = 3;
const TAUGHT_FAILED = 4;
const TAUGHT_TOTAL = 5;
/** The window's first failure, seconds into the hour, and the number of failures at which to look next. */
const FIRST_AT = 6;
const NEXT = 7;
/** Fading failures, requests and hours of the past. */
const PAST_FAILED = 8;
const PAST_TOTAL = 9;
const PAST_HOURS = 10;
/** The key's own part of the fleet's long memory, and when it was last faded, seconds into the hour. */
const OWN_FAILED = 11;
const OWN_TOTAL = 12;
const OWN_AT = 13;
const FIELDS = 14;

const HOUR = 3_600;
const MAX_TRIALS = 200;
const PRIOR_TRIALS = 20;
const FEWEST_TRIALS = 2;
const KEEP = 0.995;
const FIRST_LOOK = 4;
const SETTLE = 180;

export function failureDetector(kind: FailureKind): Detector {
  const columns: readonly ColumnSpec[] = [
    { name: `${kind.name}.hour`, type: 'f32', width: FIELDS, version: 2, scope: 'key' },
    failureFleetColumn(`${kind.name}.fleet`),
  ];
  return { name: kind.name, facet: kind.facet, columns, bind: (tables) => bindFailures(kind, tables) };
}

function bindFailures(kind: FailureKind, tables: Tables): BoundDetector {
  const kept = tables.column(`${kind.name}.hour`);
  const fleet = tables.column(`${kind.name}.fleet`);
  const baseline = bindBaseline(tables);

  return {
    score(row, o) {
      if (!kind.counts(o) || !isLook(part(kept, row), rowAt(kept, row), o.seconds)) return undefined;
      return judge(kind, part(kept, row), rowAt(kept, row), o, row, baseline, fleet);
    },
    count(row, o) {
      const at = rowAt(kept, row);
      const data = part(kept, row);
      const failed = kind.counts(o) ? 1 : 0;
      turn(data, at, o.seconds);
      if (failed === 1 && isLook(data, at, o.seconds)) data[at + NEXT] = 2 * (data[at + FAILED] + 1);
      const others = presentShare(fleet, o.route, o.seconds, data[at + OWN_FAILED], data[at + OWN_TOTAL]);
      data[at + EXPECTED] += Math.max(ownShare(data, at, fleet), others);
      if (failed === 1 && data[at + FAILED] === 0) data[at + FIRST_AT] = o.seconds % HOUR;
      data[at + FAILED] += failed;
      data[at + TOTAL]++;
      data[at + OWN_FAILED] += failed;
      data[at + OWN_TOTAL]++;
      learnFleet(fleet, o.route, o.seconds, failed);
    },
    learn(row, o) {
      const at = rowAt(kept, row);
      const data = part(kept, row);
      if (kind.counts(o)) data[at + TAUGHT_FAILED]++;
      data[at + TAUGHT_TOTAL]++;
    },
  };
}

/** Whether one more failure now is one at which the window is judged. */
function isLook(data: Column['data'], at: number, seconds: number): boolean {
  if (data[at + ID] !== Math.floor(seconds / HOUR)) return false;
  const failed = data[at + FAILED] + 1;
  return failed >= Math.max(FIRST_LOOK, data[at + NEXT]) && (seconds % HOUR) - data[at + FIRST_AT] >= SETTLE;
}

function ownShare(data: Column['data'], at: number, fleet: Column): number {
  return (data[at + PAST_FAILED] + usualShare(fleet) * PRIOR_TRIALS) / (data[at + PAST_TOTAL] + PRIOR_TRIALS);
}

function judge(
  kind: FailureKind,
  data: Column['data'],
  at: number,
  o: Observation,
  row: number,
  baseline: Baseline,
  fleet: Column,
): Evidence | undefined {
  const failed = data[at + FAILED] + 1;
  const total = data[at + TOTAL] + 1;
  const own = ownShare(data, at, fleet);
  const others = presentShare(fleet, o.route, o.seconds, data[at + OWN_FAILED], data[at + OWN_TOTAL]);
  const expected = Math.max((data[at + EXPECTED] + Math.max(own, others)) / total, others);
  const share = Math.min(0.999, Math.max(expected, 1e-4));
  const calm = Math.min(1, Math.max(own, 1e-4) / share);
  const trials = Math.max(FEWEST_TRIALS, calm * Math.min(MAX_TRIALS, data[at + PAST_TOTAL] + PRIOR_TRIALS));
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
    expected: `${percent(own)} on this key, ${percent(others)} on this route for everyone else just now`,
    since: baseline.since(row) * 1000,
    aboutActor: false,
  };
}

/** Opens the window of a later hour, and fades the key's own part of the fleet's memory. */
function turn(data: Column['data'], at: number, seconds: number): void {
  const hour = Math.floor(seconds / HOUR);
  const elapsed = seconds - (data[at + ID] * HOUR + data[at + OWN_AT]);
  if (elapsed > 0) {
    const fade = decayFactor(elapsed, LONG);
    data[at + OWN_FAILED] *= fade;
    data[at + OWN_TOTAL] *= fade;
    // An event of an earlier hour never comes here: then nothing has elapsed.
    data[at + OWN_AT] = seconds % HOUR;
  }
  if (hour <= data[at + ID]) return;
  if (data[at + TAUGHT_TOTAL] > 0) {
    data[at + PAST_FAILED] = data[at + PAST_FAILED] * KEEP + data[at + TAUGHT_FAILED];
    data[at + PAST_TOTAL] = data[at + PAST_TOTAL] * KEEP + data[at + TAUGHT_TOTAL];
    data[at + PAST_HOURS]++;
  }
  data[at + ID] = hour;
  for (let i = FAILED; i <= NEXT; i++) data[at + i] = 0;
}

function percent(share: number): string {
  return share < 0.001 ? 'under 0.1 %' : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
