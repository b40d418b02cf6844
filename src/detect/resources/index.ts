import type { Observation } from '../../domain/observation';
import { type Column, part, at as rowAt } from '../../stats/columns';
import { growth, insert, SKETCH_BYTES } from '../../stats/distinct';
import { studentTail } from '../../stats/student';
import { surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from '../detector';
import { learnMovement, MOVEMENT_FIELDS, movement } from '../fleet-movement';
import { count } from '../words';
import { type Resource, readResource } from './resource';

/** Kept: different resources in the open day (that of the key's last event) (of all events, and of those that teach) and steps of walks. */
const SEEN = 0;
const TAUGHT = 1;
const STEPS = 2;
/** Of past days in use: weight, mean and variance of ln(1 + resources), and the most. */
const WEIGHT = 3;
const MEAN = 4;
const VARIANCE = 5;
const MOST = 6;
const FIELDS = 7;

/** Behind the sketch: how many other resources a walk survives between two of its steps. */
const PATIENCE = SKETCH_BYTES;
const MOST_PATIENCE = 8;
const FIRST_PATIENCE = 3;
const WIDTH = SKETCH_BYTES + 1;

const SECONDS = 86_400;
/** One key counts in the fleet's movement with no more than so many of its usual days in one. */
const MOST_DAYS = 3;
const MEMORY = 90;
const FEWEST_DAYS = 5;
/** The fleet's spread within keys weighs as much as this many days of a key's own. */
const PRIOR_DAYS = 5;
/** What the estimate alone spreads. */
const LEAST_VARIANCE = 0.0225;
/** Until the fleet has shown its own. */
const PRIOR_VARIANCE = 1;
const PRIOR_COUNT = 10;
/** Of `resources.fleet`, behind the movement: sum of squares and count. */
const SPREAD = MOVEMENT_FIELDS;

/**
 * How many different things the key asks for: distinct paths on routes that have a variable part, within a day, against
 * the key's own past. Near log-normal as bytes are: Student's t in ln(1 + n) with the key's own mean and variance, the
 * variance shrunk to the fleet's and the noise of small counts added. Judged when the count passes 10, 30, 100, 300, 1,000 …;
 * the tail is that of whole days, so the number of looks costs nothing. Raised by the fleet's present movement and
 * bounded by the length of the past. Numbers that ascend one by one are told, and not weighed: honest jobs do it too.
 * Blind to a thief who asks for no more things than the owner does, and where ids stand in queries or bodies.
 */
export const resources: Detector = {
  name: 'resources',
  facet: 'routes',
  columns: [
    { name: 'resources.days', type: 'f32', width: FIELDS, version: 2, scope: 'key' },
    { name: 'resources.sketch', type: 'u8', width: WIDTH, version: 1, scope: 'key' },
    /** Hash of the resource that would be the next step of the walk under way. */
    { name: 'resources.next', type: 'u32', width: 1, version: 1, scope: 'key' },
    { name: 'resources.fleet', type: 'f64', width: SPREAD + 2, version: 1, scope: 'partition' },
  ],
  bind: bindResources,
};

function bindResources(tables: Tables): BoundDetector {
  const days = tables.column('resources.days');
  const sketches = tables.column('resources.sketch');
  const next = tables.column('resources.next');
  const fleet = tables.column('resources.fleet');
  const baseline = bindBaseline(tables);
  const openDay = (row: number) => Math.floor(baseline.last(row) / SECONDS);
  const resource: Resource = { hash: 0, next: 0 };
  /** What the event at hand added, from `count` to `learn`. */
  let grown = 0;

  return {
    score(row, o) {
      const data = part(days, row);
      const at = rowAt(days, row);
      if (!isVariable(o) || data[at + WEIGHT] < FEWEST_DAYS || openDay(row) !== o.day) return undefined;
      readResource(o.event.path, resource);
      const more = growth(part(sketches, row), rowAt(sketches, row), resource.hash);
      if (more === 0 || looks(data[at + SEEN] + more) === looks(data[at + SEEN])) return undefined;
      const seen = data[at + SEEN] + more;
      const odd = judge(data, fleet, at, seen);
      if (odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'resources',
        facet: 'routes',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `about ${count(seen)} different resources within one day${walkWords(data[at + STEPS])}, the latest of ${o.event.method} ${o.event.route.slice(0, SHOWN)}`,
        expected: `about ${count(Math.expm1(data[at + MEAN]))} a day when in use, at most ${count(data[at + MOST])} so far`,
        since: baseline.since(row) * 1000,
        aboutActor: false,
      };
    },
    count(row, o) {
      const data = part(days, row);
      const at = rowAt(days, row);
      if (o.day > openDay(row)) {
        if (openDay(row) > 0) close(data, fleet.data, at);
        open(data, part(sketches, row), at, rowAt(sketches, row));
      }
      grown = 0;
      if (!isVariable(o)) return;
      readResource(o.event.path, resource);
      grown = insert(part(sketches, row), rowAt(sketches, row), resource.hash);
      data[at + SEEN] += grown;
      if (grown > 0) moveFleet(data, at, o.seconds);
      walk(row, data, at);
    },
    learn(row) {
      part(days, row)[rowAt(days, row) + TAUGHT] += grown;
      grown = 0;
    },
  };

  /** The fleet is counted in usual days of its keys, so that one key in a hurry does not excuse itself. */
  function moveFleet(data: Column['data'], at: number, seconds: number): void {
    const usual = Math.exp(data[at + MEAN]);
    const days = Math.min(grown / usual, MOST_DAYS - (data[at + SEEN] - grown) / usual);
    if (days > 0 && data[at + WEIGHT] > 0) learnMovement(fleet, seconds, days, SECONDS);
  }

  /** Follows numbers that ascend by one. A walk outlives a few other requests between its steps: the owner is at work too. */
  function walk(row: number, data: Column['data'], at: number): void {
    const sketch = part(sketches, row);
    const patience = rowAt(sketches, row) + PATIENCE;
    if (resource.next !== 0 && resource.hash === part(next, row)[rowAt(next, row)]) {
      data[at + STEPS]++;
      part(next, row)[rowAt(next, row)] = resource.next;
      sketch[patience] = MOST_PATIENCE;
    } else if (sketch[patience] > 0) sketch[patience]--;
    else {
      part(next, row)[rowAt(next, row)] = resource.next;
      sketch[patience] = FIRST_PATIENCE;
    }
  }
}

/** A text of the log, short enough for a sentence. */
const SHOWN = 60;

/** Whether the request names one of several things of its route. */
function isVariable({ event }: Observation): boolean {
  return event.path !== event.route && event.path !== '';
}

/** How many of 10, 30, 100, 300, 1,000 … `n` has passed. */
function looks(n: number): number {
  let passed = 0;
  for (let step = 10; step <= n; step *= 10) passed += n >= 3 * step ? 2 : 1;
  return passed;
}

function walkWords(steps: number): string {
  return steps < 3 ? '' : `, ${count(steps)} of the numbers one after another`;
}

function judge(data: Column['data'], fleet: Column, at: number, seen: number): number {
  const n = data[at + WEIGHT];
  const spread = (n * data[at + VARIANCE] + PRIOR_DAYS * fleetVariance(fleet.data)) / (n + PRIOR_DAYS);
  const variance = Math.max(LEAST_VARIANCE, spread) + Math.exp(-data[at + MEAN]);
  const excess = Math.log1p(seen) - data[at + MEAN] - Math.log(movement(fleet));
  const p = studentTail(excess / Math.sqrt(variance * (1 + 1 / n)), n + PRIOR_DAYS - 1);
  return Math.min(Math.log10(10 * n + 1), surprise(p));
}

function open(data: Column['data'], sketches: Column['data'], at: number, sketch: number): void {
  data[at + SEEN] = 0;
  data[at + TAUGHT] = 0;
  data[at + STEPS] = 0;
  sketches.fill(0, sketch, sketch + SKETCH_BYTES);
}

function close(data: Column['data'], fleet: Column['data'], at: number): void {
  const x = Math.log1p(data[at + TAUGHT]);
  const weight = data[at + WEIGHT] < MEMORY ? data[at + WEIGHT] + 1 : MEMORY;
  const off = x - data[at + MEAN];
  if (weight > FEWEST_DAYS) {
    fleet[SPREAD] += off * off;
    fleet[SPREAD + 1]++;
  }
  data[at + MEAN] += off / weight;
  data[at + VARIANCE] += (off * (x - data[at + MEAN]) - data[at + VARIANCE]) / weight;
  data[at + WEIGHT] = weight;
  data[at + MOST] = Math.max(data[at + MOST], data[at + TAUGHT]);
}

function fleetVariance(fleet: Column['data']): number {
  return (fleet[SPREAD] + PRIOR_COUNT * PRIOR_VARIANCE) / (fleet[SPREAD + 1] + PRIOR_COUNT);
}
