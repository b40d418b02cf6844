import { type Column, part, at as rowAt } from '../../stats/columns';
import { studentTail } from '../../stats/student';
import { surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from '../detector';
import { learnMovement, MOVEMENT_FIELDS, movement } from '../fleet-movement';
import { count } from '../words';

/** Kept: requests of the open day (that of the key's last event) that teach; of past days in use: weight, mean and variance of ln(1 + requests), and the most. */
const COUNT = 0;
const WEIGHT = 1;
const MEAN = 2;
const VARIANCE = 3;
const MOST = 4;
const FIELDS = 5;

const SECONDS = 86_400;
/** Days in use that the past is averaged over. */
const MEMORY = 75;
const FEWEST_DAYS = 10;
/** The fleet's spread within keys weighs as much as this many days of a key's own. */
const PRIOR_DAYS = 5;
/** Least variance of ln requests: within a fifth nothing is an oddity. */
const LEAST_VARIANCE = 0.04;
/** Until the fleet has shown its own. */
const PRIOR_VARIANCE = 1;
const PRIOR_COUNT = 10;
/** A day teaches at most so many standard deviations: whoever grows in steps does not take his own past along. */
const LARGEST_STEP = 1;
/** Requests a day below which growth is nobody's concern. */
const FIRST_LOOK = 16;
/** One key counts in the fleet's movement with no more than so many of its usual days in one. */
const MOST_DAYS = 3;
/** Of `growth.fleet`, behind the movement: sum of squares and count. */
const SPREAD = MOVEMENT_FIELDS;

/**
 * The slow past of volume: requests a day against the key's days of months (75 in use), for a key that grows too slowly for
 * `volume` to notice. Near log-normal: Student's t in ln(1 + n), the variance shrunk to the fleet's, which holds its honest
 * growth; a day moves the past by at most a standard deviation. Judged at 16, 24, 32, 48 … requests of a day, and only
 * beyond the busiest day so far: a new level is news once, growth every time. Raised by the fleet's movement, bounded by
 * the length of the past. Blind to growth within the spread, and below the busiest day.
 */
export const growth: Detector = {
  name: 'growth',
  facet: 'volume',
  columns: [
    { name: 'growth.days', type: 'f32', width: FIELDS, version: 2, scope: 'key' },
    { name: 'growth.fleet', type: 'f64', width: SPREAD + 2, version: 1, scope: 'partition' },
  ],
  bind: bindGrowth,
};

function bindGrowth(tables: Tables): BoundDetector {
  const days = tables.column('growth.days');
  const fleet = tables.column('growth.fleet');
  const baseline = bindBaseline(tables);
  const openDay = (row: number) => Math.floor(baseline.last(row) / SECONDS);
  return {
    score(row, o) {
      const data = part(days, row);
      const at = rowAt(days, row);
      const seen = data[at + COUNT] + 1;
      if (data[at + WEIGHT] < FEWEST_DAYS || openDay(row) !== o.day || seen <= data[at + MOST] || !isLook(seen))
        return undefined;
      const odd = judge(data, fleet, at, seen);
      if (odd < MIN_SURPRISE) return undefined;
      const usual = Math.expm1(data[at + MEAN]);
      return {
        detector: 'growth',
        facet: 'volume',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `${count(seen)} requests within one day, ${(seen / Math.max(1, usual)).toFixed(1)} times what is usual over months`,
        expected: `about ${count(usual)} a day over ${count(data[at + WEIGHT])} days in use, at most ${count(data[at + MOST])}`,
        since: baseline.since(row) * 1000,
        aboutActor: false,
      };
    },
    count(row, o) {
      const data = part(days, row);
      const at = rowAt(days, row);
      if (o.day <= openDay(row)) return;
      if (data[at + COUNT] > 0) close(data, fleet.data, at);
      data[at + COUNT] = 0;
    },
    learn(row, o) {
      const data = part(days, row);
      const at = rowAt(days, row);
      data[at + COUNT]++;
      if (data[at + WEIGHT] === 0) return;
      const usual = Math.exp(data[at + MEAN]);
      if (data[at + COUNT] <= MOST_DAYS * usual) learnMovement(fleet, o.seconds, 1 / usual, SECONDS);
    },
  };
}

/** Two looks for each doubling. */
function isLook(seen: number): boolean {
  if (seen < FIRST_LOOK) return false;
  const step = 1 << (30 - Math.clz32(seen));
  return (seen & (step - 1)) === 0;
}

function varianceOf(data: Column['data'], fleet: Column['data'], at: number): number {
  const n = data[at + WEIGHT];
  const usual = (fleet[SPREAD] + PRIOR_COUNT * PRIOR_VARIANCE) / (fleet[SPREAD + 1] + PRIOR_COUNT);
  return Math.max(LEAST_VARIANCE, (n * data[at + VARIANCE] + PRIOR_DAYS * usual) / (n + PRIOR_DAYS));
}

function judge(data: Column['data'], fleet: Column, at: number, seen: number): number {
  const n = data[at + WEIGHT];
  const excess = Math.log1p(seen) - data[at + MEAN] - Math.log(movement(fleet));
  if (excess <= 0) return 0;
  const p = studentTail(excess / Math.sqrt(varianceOf(data, fleet.data, at) * (1 + 1 / n)), n + PRIOR_DAYS - 1);
  return Math.min(Math.log10(10 * n + 1), surprise(p));
}

function close(data: Column['data'], fleet: Column['data'], at: number): void {
  const off = Math.log1p(data[at + COUNT]) - data[at + MEAN];
  let step = off;
  if (data[at + WEIGHT] >= FEWEST_DAYS) {
    fleet[SPREAD] += off * off;
    fleet[SPREAD + 1]++;
    const most = LARGEST_STEP * Math.sqrt(varianceOf(data, fleet, at));
    step = Math.max(-most, Math.min(most, off));
  }
  const weight = data[at + WEIGHT] < MEMORY ? data[at + WEIGHT] + 1 : MEMORY;
  data[at + MEAN] += step / weight;
  data[at + VARIANCE] += (step * step * (1 - 1 / weight) - data[at + VARIANCE]) / weight;
  data[at + WEIGHT] = weight;
  data[at + MOST] = Math.max(data[at + MOST], data[at + COUNT]);
}
