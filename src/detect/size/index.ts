import { type Column, part, at as rowAt } from '../../stats/columns';
import { studentTail } from '../../stats/student';
import { chanceOverLooks, surprise } from '../../stats/tail';
import { type Baseline, bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from '../detector';
import { learnMovement, MOVEMENT_FIELDS, movement } from '../fleet-movement';
import { bytesInWords } from '../words';

const windows = [
  { seconds: 3_600, name: 'hour', each: 'an hour' },
  { seconds: 86_400, name: 'day', each: 'a day' },
] as const;

/**
 * Kept a window length: bytes of the open window (that of the key's last event) (of all events, and of those that teach), the bytes at which to
 * look next; of past windows in use: weight, mean and variance of ln(1 + bytes), and the greatest.
 */
const BYTES = 0;
const TAUGHT = 1;
const NEXT = 2;
const WEIGHT = 3;
const MEAN = 4;
const VARIANCE = 5;
const MOST = 6;
const FIELDS = 7;

const MEMORY = 200;
const FEWEST_WINDOWS = 5;
/** Up to so many times the greatest so far has been come near to: as looks are taken, at doubled bytes. */
const NEAR = 2;
/** The fleet's spread within keys weighs as much as this many windows of a key's own. */
const PRIOR_WINDOWS = 5;
/** Least variance of ln bytes: below ten per cent nothing is an oddity of size. */
const LEAST_VARIANCE = 0.01;
/** Until the fleet has shown its own. */
const PRIOR_VARIANCE = 1;
const PRIOR_COUNT = 10;

/** Of `size.fleet`, behind the movement of bytes: per window length, sum of squares and count. */
const SPREAD = MOVEMENT_FIELDS;

/**
 * How much the key takes away: bytes sent to the client an hour and a day in use, against the key's own past. Sums of bytes
 * are near log-normal: Student's t in ln bytes with the key's own mean and variance, the variance shrunk to the fleet's
 * (normal with unknown variance; Gelman et al., Bayesian Data Analysis, §3.2). Judged early, each time the open window's
 * bytes have doubled beyond twice the usual. Raised by the fleet's present movement and bounded by the length of the past,
 * as volume is. Blind to a thief who takes no more than the owner does, and where the log has no sizes.
 */
export const size: Detector = {
  name: 'size',
  facet: 'volume',
  columns: [
    { name: 'size.windows', type: 'f32', width: FIELDS * windows.length, version: 2, scope: 'key' },
    { name: 'size.fleet', type: 'f64', width: SPREAD + 2 * windows.length, version: 1, scope: 'partition' },
  ],
  bind: bindSize,
};

function bindSize(tables: Tables): BoundDetector {
  const kept = tables.column('size.windows');
  const fleet = tables.column('size.fleet');
  const baseline = bindBaseline(tables);

  return {
    score(row, o) {
      const { bytes } = o.event;
      if (bytes === undefined || bytes <= 0) return undefined;
      let best = 0;
      let which = 0;
      for (let w = 0; w < windows.length; w++) {
        if (!isLook(kept, row, w, o.seconds, bytes, baseline)) continue;
        const odd = judge(kept, fleet, row, w, o.seconds, bytes, baseline);
        if (odd > best) {
          best = odd;
          which = w;
        }
      }
      if (best < MIN_SURPRISE) return undefined;
      const data = part(kept, row);
      const at = rowAt(kept, row) + which * FIELDS;
      const { name, each } = windows[which];
      return {
        detector: 'size',
        facet: 'volume',
        kind: 'statistical',
        surprise: best,
        confidence: o.confidence,
        saw: `${bytesInWords(data[at + BYTES] + bytes)} sent within one ${name}`,
        expected: `about ${bytesInWords(Math.expm1(data[at + MEAN]))} ${each} when in use, at most ${bytesInWords(data[at + MOST])} so far`,
        since: baseline.since(row) * 1000,
        aboutActor: false,
      };
    },
    count(row, o) {
      const { bytes } = o.event;
      const last = baseline.last(row);
      const data = part(kept, row);
      for (let w = 0; w < windows.length; w++) {
        const look = bytes !== undefined && isLook(kept, row, w, o.seconds, bytes, baseline);
        const at = rowAt(kept, row) + w * FIELDS;
        if (windowOf(o.seconds, w) > windowOf(last, w)) turn(data, fleet.data, at, w);
        if (bytes === undefined) continue;
        data[at + BYTES] += bytes;
        if (look) data[at + NEXT] = 2 * data[at + BYTES];
      }
      if (bytes !== undefined) learnMovement(fleet, o.seconds, bytes);
    },
    learn(row, o) {
      const { bytes } = o.event;
      if (bytes === undefined) return;
      for (let w = 0; w < windows.length; w++) part(kept, row)[rowAt(kept, row) + w * FIELDS + TAUGHT] += bytes;
    },
  };
}

/** Whether `bytes` more bring the open window to where it is judged. `NEXT` is twice the usual when a window opens. */
function isLook(kept: Column, row: number, w: number, seconds: number, bytes: number, baseline: Baseline): boolean {
  const data = part(kept, row);
  const at = rowAt(kept, row) + w * FIELDS;
  if (data[at + WEIGHT] < FEWEST_WINDOWS || data[at + BYTES] + bytes < data[at + NEXT]) return false;
  return windowOf(baseline.last(row), w) === windowOf(seconds, w);
}

function windowOf(seconds: number, w: number): number {
  return Math.floor(seconds / windows[w].seconds);
}

function judge(
  kept: Column,
  fleet: Column,
  row: number,
  w: number,
  seconds: number,
  bytes: number,
  baseline: Baseline,
): number {
  const data = part(kept, row);
  const at = rowAt(kept, row) + w * FIELDS;
  const n = data[at + WEIGHT];
  const spread = Math.max(LEAST_VARIANCE, fleetVariance(fleet.data, w));
  const variance = Math.max(LEAST_VARIANCE, (n * data[at + VARIANCE] + PRIOR_WINDOWS * spread) / (n + PRIOR_WINDOWS));
  const excess = Math.log1p(data[at + BYTES] + bytes) - data[at + MEAN] - Math.log(movement(fleet));
  const byShape = studentTail(excess / Math.sqrt(variance * (1 + 1 / n)), Math.min(n, MEMORY) + PRIOR_WINDOWS - 1);
  // What the key has come near to before is no rarer than once in its past, whatever the tail of ln bytes.
  const p = data[at + BYTES] + bytes <= NEAR * data[at + MOST] ? Math.max(byShape, 1 / (n + 1)) : byShape;
  const perDay = Math.max(1, n / Math.max(1, baseline.age(row, seconds)));
  return Math.min(Math.log10(10 * n + 1), surprise(chanceOverLooks(p, perDay)));
}

function turn(data: Column['data'], fleet: Column['data'], at: number, w: number): void {
  if (data[at + TAUGHT] > 0) close(data, fleet, at, w);
  data[at + BYTES] = 0;
  data[at + TAUGHT] = 0;
  data[at + NEXT] = 2 * Math.exp(data[at + MEAN]);
}

function close(data: Column['data'], fleet: Column['data'], at: number, w: number): void {
  const x = Math.log1p(data[at + TAUGHT]);
  const weight = data[at + WEIGHT] < MEMORY ? data[at + WEIGHT] + 1 : MEMORY;
  const off = x - data[at + MEAN];
  if (weight > FEWEST_WINDOWS) {
    fleet[SPREAD + 2 * w] += off * off;
    fleet[SPREAD + 2 * w + 1]++;
  }
  data[at + MEAN] += off / weight;
  data[at + VARIANCE] += (off * (x - data[at + MEAN]) - data[at + VARIANCE]) / weight;
  data[at + WEIGHT] = weight;
  data[at + MOST] = Math.max(data[at + MOST], data[at + TAUGHT]);
}

function fleetVariance(fleet: Column['data'], w: number): number {
  return (fleet[SPREAD + 2 * w] + PRIOR_COUNT * PRIOR_VARIANCE) / (fleet[SPREAD + 2 * w + 1] + PRIOR_COUNT);
}
