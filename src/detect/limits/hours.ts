import { type KeyFacts, weekdays } from '../../domain/inventory';

type Hours = NonNullable<KeyFacts['hours']>;

const DAY_MINUTES = 1_440;
/** Zones change their distance from UTC at quarter hours only; so long an answer holds. */
const QUARTER = 900;
const MEMO = 4_096;

/** Minutes since Sunday 00:00 on the zone's clock. Memoised by quarter hour: Intl takes some ten microseconds. */
export function createWeekClock(): (zone: string, seconds: number) => number {
  const formats = new Map<string, Intl.DateTimeFormat>();
  const known = new Map<string, number>();
  const compute = (zone: string, quarter: number): number => {
    let format = formats.get(zone);
    if (format === undefined) {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      });
      formats.set(zone, format);
    }
    const parts = Object.fromEntries(format.formatToParts(quarter * QUARTER * 1000).map((p) => [p.type, p.value]));
    const day = weekdays.indexOf(parts.weekday.toLowerCase() as (typeof weekdays)[number]);
    return day * DAY_MINUTES + Number(parts.hour) * 60 + Number(parts.minute);
  };
  return (zone, seconds) => {
    const quarter = Math.floor(seconds / QUARTER);
    const name = `${quarter} ${zone}`;
    let start = known.get(name);
    if (start === undefined) {
      if (known.size >= MEMO) known.clear();
      start = compute(zone, quarter);
      known.set(name, start);
    }
    return start + Math.floor((seconds - quarter * QUARTER) / 60);
  };
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** Whether a moment of the week (minutes since Sunday 00:00, local) lies in the declared hours. */
export function within(hours: Hours, minute: number): boolean {
  const day = Math.floor(minute / DAY_MINUTES) % 7;
  const clock = minute % DAY_MINUTES;
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  const on = (d: number) => hours.days.includes(weekdays[(d + 7) % 7]);
  if (from < to) return on(day) && clock >= from && clock < to;
  return (on(day) && clock >= from) || (on(day - 1) && clock < to);
}

export function clockText(minute: number): string {
  const day = weekdays[Math.floor(minute / DAY_MINUTES) % 7];
  const clock = minute % DAY_MINUTES;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${day[0].toUpperCase()}${day.slice(1)} ${two(Math.floor(clock / 60))}:${two(clock % 60)}`;
}
