import type { Config } from '../../config';
import type { AlertDocument } from '../../domain/alert';
import { globFits } from '../../domain/glob';
import { weekdays } from '../../domain/inventory';

export type MaintenanceWindow = Config['maintenance'][number];
type Weekly = NonNullable<MaintenanceWindow['weekly']>;

/** The window that mutes a document, and when this occurrence of it ends, milliseconds. */
export interface Muting {
  readonly name: string;
  readonly end: number;
}

export type Maintenance = (document: AlertDocument) => Muting | undefined;

const MINUTE = 60_000;
const DAY_MINUTES = 1_440;

/**
 * Which window a document falls into: the first in whose time its `@timestamp` lies and whose patterns its key fits.
 * Judged by the document alone, so that it is the same at every output, in every attempt and after a crash. Documents
 * that are about no incident (notices, summaries) fall into none.
 */
export function createMaintenance(windows: readonly MaintenanceWindow[], tierOf: (key: string) => string): Maintenance {
  const clocks = new Map(windows.map(({ weekly }) => [weekly?.zone ?? 'UTC', localClock(weekly?.zone ?? 'UTC')]));
  return (document) => {
    const key = document.user?.id;
    if (key === undefined || document.keywatch.incident === undefined) return undefined;
    const at = Date.parse(document['@timestamp']);
    for (const window of windows) {
      const end = endOf(window, at, clocks);
      if (end === undefined) continue;
      const { keys, tenants, tiers } = window.match;
      const fits =
        fitsAny(keys, () => key) &&
        fitsAny(tenants, () => document.organization?.id ?? '') &&
        fitsAny(tiers, () => tierOf(key));
      if (fits) return { name: window.name, end };
    }
    return undefined;
  };
}

function fitsAny(patterns: readonly string[], text: () => string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => globFits(pattern, text()));
}

function endOf(
  { from, to, weekly }: MaintenanceWindow,
  at: number,
  clocks: ReadonlyMap<string, LocalClock>,
): number | undefined {
  if (weekly !== undefined) return weeklyEnd(weekly, at, clocks.get(weekly.zone) as LocalClock);
  if (from === undefined || to === undefined) return undefined;
  const end = Date.parse(to);
  return at >= Date.parse(from) && at < end ? end : undefined;
}

/** Day of the week (0: Sunday) and minute of the day in a zone. */
type LocalClock = (at: number) => { readonly day: number; readonly minute: number };

function localClock(zone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return (at) => {
    const part = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = weekdays.indexOf((part.get('weekday') ?? '').toLowerCase() as (typeof weekdays)[number]);
    return { day, minute: Number(part.get('hour')) * 60 + Number(part.get('minute')) };
  };
}

/** End of the occurrence in which `at` lies, undefined outside. What counts is what a clock on the wall there shows. */
function weeklyEnd(weekly: Weekly, at: number, local: LocalClock): number | undefined {
  const start = minuteOf(weekly.from);
  const stop = minuteOf(weekly.to);
  const { day, minute } = local(at);
  const begins = (d: number) => weekly.days.includes(weekdays[(d + 7) % 7]);
  let left: number | undefined;
  if (stop > start) {
    if (begins(day) && minute >= start && minute < stop) left = stop - minute;
  } else if (begins(day) && minute >= start) left = DAY_MINUTES - minute + stop;
  else if (begins(day - 1) && minute < stop) left = stop - minute;
  if (left === undefined) return undefined;
  const end = Math.floor(at / MINUTE) * MINUTE + left * MINUTE;
  // Where the clocks were changed in between, the wall shows another time then.
  const shift = (stop - local(end).minute + 1.5 * DAY_MINUTES) % DAY_MINUTES;
  return end + (shift - DAY_MINUTES / 2) * MINUTE;
}

function minuteOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}
