const HOUR = 3_600_000;

/**
 * Relative load over a week: a weight per hour of a working day, what a weekend day carries of it, and how many times as
 * much the last two days and the first of a month carry.
 */
export interface Rhythm {
  readonly hours: readonly number[];
  readonly weekend: number;
  readonly monthEnd: number;
}

const day = (text: string): number[] => text.split(' ').map(Number);

/** Hours are local, from midnight. */
export const rhythms = {
  steady: { hours: Array<number>(24).fill(1), weekend: 1, monthEnd: 1 },
  shop: { hours: day('2 1 1 1 1 2 4 6 8 9 10 11 12 11 10 10 11 13 15 17 18 14 8 4'), weekend: 1.15, monthEnd: 1.1 },
  office: {
    hours: day('0.1 0.1 0.1 0.1 0.1 0.2 1 4 9 12 12 11 7 10 12 11 9 6 2 1 0.5 0.3 0.2 0.1'),
    weekend: 0.08,
    monthEnd: 1.4,
  },
  phone: { hours: day('3 2 1 1 1 2 5 9 10 8 8 9 11 10 9 9 10 12 14 16 17 15 11 6'), weekend: 1.25, monthEnd: 1 },
  night: { hours: day('0 0 12 10 3 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0'), weekend: 1, monthEnd: 2 },
  build: { hours: day('2 1 1 1 1 1 2 5 9 11 11 10 8 10 12 11 9 7 4 3 3 3 2 2'), weekend: 0.25, monthEnd: 1 },
} as const satisfies Record<string, Rhythm>;

export type RhythmName = keyof typeof rhythms;

/** Load at a time (milliseconds UTC) for a place so many hours east of UTC; 1 is the mean over a week inside a month. */
export function load(name: RhythmName, at: number, offset: number): number {
  const rhythm: Rhythm = rhythms[name];
  const hours = Math.floor(at / HOUR + offset);
  // 1 January 1970 was a Thursday: day 0 of this count is a Sunday.
  const weekday = (((Math.floor(hours / 24) + 4) % 7) + 7) % 7;
  const mean = ((rhythm.hours.reduce((sum, w) => sum + w, 0) / 24) * (5 + 2 * rhythm.weekend)) / 7;
  const weight = rhythm.hours[((hours % 24) + 24) % 24]!;
  return ((weekday === 0 || weekday === 6 ? rhythm.weekend : 1) * monthFactor(rhythm, hours) * weight) / mean;
}

function monthFactor({ monthEnd }: Rhythm, localHours: number): number {
  if (monthEnd === 1) return 1;
  const inTwoDays = new Date((localHours + 48) * HOUR).getUTCDate();
  return inTwoDays <= 3 ? monthEnd : 1;
}
