import { type Column, type ColumnArray, part, at as rowAt } from '../../stats/columns';
import { surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from '../detector';
import { count } from '../words';

const HALF_LIFE_DAYS = 30;
const HOURS = 24;
/** Pseudo-days of "any hour is as likely as any other" that every key starts with. */
const PRIOR_DAYS = 2;
const UNIT = 1_024;
/** Share of a day's activity that is credited to the hour before and after: rhythms have soft edges. */
const SPILL = 0.5;

export const HOURS_COLUMN = 'hours.used';

/**
 * When the key is used: on how many of its active days it was used in this hour of the day (UTC), kept separately for
 * working days and weekends. Judged at the first use in an hour. The chance of one hour is multiplied by the hours a
 * day that the key is used in, which makes it a chance per key-day. Blind on keys in use around the clock.
 */
export const hours: Detector = {
  name: 'hours',
  facet: 'time',
  columns: [
    /** Fading counts of days, in units of 1/1024: a count stays below 45. */
    { name: HOURS_COLUMN, type: 'u16', width: HOURS * 2, version: 2, scope: 'key' },
    { name: 'hours.days', type: 'f32', width: 2, version: 2, scope: 'key' },
    /** Hours since 1970 of the last hour that was counted, and the last day. */
    { name: 'hours.lastHour', type: 'u32', width: 1, version: 1, scope: 'key' },
  ],
  bind: bindHours,
};

const FADE = 2 ** (-1 / HALF_LIFE_DAYS);

function bindHours(tables: Tables): BoundDetector {
  const used = tables.column(HOURS_COLUMN);
  const days = tables.column('hours.days');
  const lastHour = tables.column('hours.lastHour');
  const baseline = bindBaseline(tables);

  return {
    score(row, o) {
      const hour = Math.floor(o.seconds / 3_600);
      if (hour <= part(lastHour, row)[rowAt(lastHour, row)]) return undefined;
      const half = o.weekday === 0 || o.weekday === 6 ? 1 : 0;
      const known = part(days, row)[rowAt(days, row) + half];
      if (known < 3) return undefined;
      const counts = part(used, row);
      const base = rowAt(used, row) + half * HOURS;
      let sum = 0;
      for (let h = 0; h < HOURS; h++) sum += counts[base + h] / UNIT;
      const at = (h: number) => counts[base + ((h + HOURS) % HOURS)] / UNIT;
      const here = at(o.hourOfDay);
      const near = (here + SPILL * (at(o.hourOfDay - 1) + at(o.hourOfDay + 1))) / (1 + 2 * SPILL);
      const usual = sum / HOURS / known;
      const p = (near + PRIOR_DAYS * usual) / (known + PRIOR_DAYS);
      const odd = surprise(Math.min(1, p * Math.max(1, sum / known)));
      if (odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'hours',
        facet: 'time',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `in use at ${twoDigits(o.hourOfDay)}:00 UTC on a ${half === 1 ? 'weekend' : 'working'} day`,
        expected: `${busyWords(counts, base)}; in this hour on ${count(here)} of ${count(known)} such days`,
        since: baseline.since(row) * 1000,
        aboutActor: false,
      };
    },
    learn(row, o) {
      const hour = Math.floor(o.seconds / 3_600);
      const last = part(lastHour, row)[rowAt(lastHour, row)];
      if (hour <= last) return;
      part(lastHour, row)[rowAt(lastHour, row)] = hour;
      const half = o.weekday === 0 || o.weekday === 6 ? 1 : 0;
      const counts = part(used, row);
      const base = rowAt(used, row) + half * HOURS;
      if (o.day > Math.floor(last / 24)) {
        const data = part(days, row);
        const of = rowAt(days, row) + half;
        data[of] = data[of] * FADE + 1;
        for (let h = 0; h < HOURS; h++) counts[base + h] = Math.round(counts[base + h] * FADE);
      }
      counts[base + o.hourOfDay] += UNIT;
    },
  };

  /** The hours that hold nine tenths of the use, as one range where they are one. */
  function busyWords(counts: ColumnArray, base: number): string {
    let first = -1;
    let last = -1;
    let peak = 0;
    for (let h = 0; h < HOURS; h++) peak = Math.max(peak, counts[base + h]);
    for (let h = 0; h < HOURS; h++) {
      if (counts[base + h] < peak / 10) continue;
      if (first < 0) first = h;
      last = h;
    }
    return first < 0 ? 'no hour known' : `between ${twoDigits(first)}:00 and ${twoDigits(last + 1)}:00 UTC`;
  }
}

const MOST_SPANS = 6;

/** The hours of the day that a key is used in, on any day of the week, as spans in UTC: at least a tenth of the busiest. */
export function usualHours(used: Column, row: number): string[] {
  const counts = part(used, row);
  const base = rowAt(used, row);
  const sums = Array.from({ length: HOURS }, (_, h) => counts[base + h] + counts[base + HOURS + h]);
  const peak = Math.max(...sums);
  const busy = (h: number) => peak > 0 && sums[h] >= peak / 10;
  const spans: string[] = [];
  for (let h = 0; h < HOURS; h++) {
    if (!busy(h)) continue;
    const from = h;
    while (h + 1 < HOURS && busy(h + 1)) h++;
    spans.push(`${twoDigits(from)}:00-${twoDigits(h + 1)}:00`);
  }
  return spans.length > MOST_SPANS ? [] : spans;
}

function twoDigits(hour: number): string {
  return String(hour).padStart(2, '0');
}
