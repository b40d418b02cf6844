import { type Column, part, at as rowAt } from '../../stats/columns';
import { chanceOverLooks, negativeBinomialTail, surprise } from '../../stats/tail';
import { type Baseline, bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from '../detector';
import { learnMovement, MOVEMENT_FIELDS, movement } from '../fleet-movement';
import { count } from '../words';

/** Window lengths: bursts, busy hours, low and slow. Seconds. */
const windows = [
  { seconds: 60, name: 'minute', each: 'a minute' },
  { seconds: 3_600, name: 'hour', each: 'an hour' },
  { seconds: 86_400, name: 'day', each: 'a day' },
] as const;

/**
 * Numbers kept a window: count of the open one (that of the key's last event) (of all events, and of those that teach), and of past windows in use: weight,
 * mean, mean square, greatest. In single precision a variance below the mean drowns, and there Poisson's takes over.
 */
const COUNT = 0;
const TAUGHT = 1;
const WEIGHT = 2;
const MEAN = 3;
const SQUARE = 4;
const MOST = 5;
const FIELDS = 6;

/** Weight of the past that is kept: about this many windows in use. */
const MEMORY = 200;
/** Looks into an open window: from this count on, each time the count has doubled. */
const FIRST_LOOK = 8;

export const VOLUME_COLUMN = 'volume.windows';

/**
 * How much the key is used: requests per minute, hour and day in use, over-dispersed (negative binomial with the
 * moments of the key's own past), judged early at doubling counts within the open window. The mean is raised by the
 * fleet's present movement, so a surge everywhere is nobody's oddity. A past of n windows cannot bear out a rarity
 * beyond 1 in 10·n: surprise is capped there. Blind to a thief who stays within the owner's spread.
 */
export const volume: Detector = {
  name: 'volume',
  facet: 'volume',
  columns: [
    { name: VOLUME_COLUMN, type: 'f32', width: FIELDS * windows.length, version: 2, scope: 'key' },
    /** Requests of all keys: fast and slow rate a second, and when last updated. */
    { name: 'volume.fleet', type: 'f64', width: MOVEMENT_FIELDS, version: 1, scope: 'partition' },
  ],
  bind: bindVolume,
};

function bindVolume(tables: Tables): BoundDetector {
  const kept = tables.column(VOLUME_COLUMN);
  const fleet = tables.column('volume.fleet');
  const baseline = bindBaseline(tables);

  return {
    score(row, o) {
      let best = 0;
      let which = 0;
      for (let w = 0; w < windows.length; w++) {
        const odd = look(kept, row, w, o.seconds, baseline, fleet);
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
        detector: 'volume',
        facet: 'volume',
        kind: 'statistical',
        surprise: best,
        confidence: o.confidence,
        saw: `${count(data[at + COUNT] + 1)} requests within one ${name}`,
        expected: `about ${count(data[at + MEAN])} ${each} when in use, at most ${count(data[at + MOST])} so far`,
        since: baseline.since(row) * 1000,
        aboutActor: false,
      };
    },
    count(row, o) {
      const last = baseline.last(row);
      for (let w = 0; w < windows.length; w++)
        countWindow(part(kept, row), rowAt(kept, row) + w * FIELDS, windowOf(o.seconds, w) > windowOf(last, w));
      learnMovement(fleet, o.seconds, 1);
    },
    learn(row) {
      for (let w = 0; w < windows.length; w++) part(kept, row)[rowAt(kept, row) + w * FIELDS + TAUGHT]++;
    },
  };
}

/** Requests of a day in use: mean and most; undefined before a whole day was learned, and without the column. */
export function usualDay(
  kept: Column | undefined,
  row: number,
): { readonly usual: number; readonly most: number } | undefined {
  if (kept === undefined) return undefined;
  const data = part(kept, row);
  const day = rowAt(kept, row) + (windows.length - 1) * FIELDS;
  if (data[day + WEIGHT] === 0) return undefined;
  return { usual: Math.round(data[day + MEAN] * 10) / 10, most: data[day + MOST] };
}

function look(kept: Column, row: number, w: number, seconds: number, baseline: Baseline, fleet: Column): number {
  const at = rowAt(kept, row) + w * FIELDS;
  const data = part(kept, row);
  const seen = data[at + COUNT] + 1;
  if (seen < FIRST_LOOK || (seen & (seen - 1)) !== 0 || data[at + WEIGHT] < 5) return 0;
  if (windowOf(baseline.last(row), w) !== windowOf(seconds, w)) return 0;
  const surge = movement(fleet);
  const mean = data[at + MEAN] * surge;
  if (seen <= mean) return 0;
  const variance = Math.max(0, data[at + SQUARE] - data[at + MEAN] ** 2) * surge * surge;
  const size = variance > mean ? mean ** 2 / (variance - mean) : Infinity;
  const p = negativeBinomialTail(seen, mean, size);
  const perDay = Math.max(1, data[at + WEIGHT] / Math.max(1, baseline.age(row, seconds)));
  const bound = Math.log10(10 * data[at + WEIGHT] + 1);
  return Math.min(bound, surprise(chanceOverLooks(p, perDay)));
}

/** An event of a window that has closed (late, but allowed) counts in the open one. */
function countWindow(data: Column['data'], at: number, opens: boolean): void {
  if (opens) {
    if (data[at + TAUGHT] > 0) close(data, at);
    data[at + COUNT] = 0;
    data[at + TAUGHT] = 0;
  }
  data[at + COUNT]++;
}

function windowOf(seconds: number, w: number): number {
  return Math.floor(seconds / windows[w].seconds);
}

function close(data: Column['data'], at: number): void {
  const n = data[at + TAUGHT];
  const keep = data[at + WEIGHT] < MEMORY ? 1 : 1 - 1 / MEMORY;
  const weight = data[at + WEIGHT] * keep + 1;
  data[at + MEAN] += (n - data[at + MEAN]) / weight;
  data[at + SQUARE] += (n * n - data[at + SQUARE]) / weight;
  data[at + WEIGHT] = weight;
  data[at + MOST] = Math.max(n, data[at + MOST]);
}
