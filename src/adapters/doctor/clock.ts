import { type Finding, failed, ok, warning } from './finding';

/** What another machine said about the time. */
export interface ClockReading {
  /** Whose clock: `Elasticsearch es.example:9200`. */
  readonly of: string;
  /** Its time, milliseconds. */
  readonly theirs: number;
  /** Ours at the same moment. */
  readonly ours: number;
  /**
   * True for the moment of the reading (an HTTP `Date`); false for something that happened at an unknown time before it
   * (a record's timestamp), which can show a clock that is behind, never one that is ahead.
   */
  readonly now: boolean;
}

const WARN_MS = 60_000;
const FAIL_MS = 300_000;

/** The reading that is furthest off decides. Ages of suspensions are measured by this clock. */
export const clockFinding = (readings: readonly ClockReading[]): Finding => {
  const check = 'clock';
  const off = readings.map((reading) => ({ ...reading, by: distance(reading) }));
  const worst = off.reduce<(typeof off)[number] | undefined>(
    (most, next) => (most === undefined || Math.abs(next.by) > Math.abs(most.by) ? next : most),
    undefined,
  );
  if (worst === undefined) return ok(check, 'nothing to compare it with: no configured system told the time');
  if (Math.abs(worst.by) < WARN_MS) {
    const exact = off.filter((reading) => reading.now);
    if (exact.length > 0) return ok(check, `agrees with ${exact.map(({ of }) => of).join(', ')}`);
    return ok(
      check,
      `not behind ${off.map(({ of }) => of).join(', ')}; whether it is ahead, no configured system tells`,
    );
  }
  const saw = `this machine is ${span(Math.abs(worst.by))} ${worst.by > 0 ? 'ahead of' : 'behind'} ${worst.of}`;
  const todo = worst.now
    ? 'synchronise the clocks (NTP, chrony): suspensions expire and are held by the wrong time'
    : 'synchronise the clock of this machine (NTP, chrony), or those of whoever writes the records';
  return Math.abs(worst.by) < FAIL_MS ? warning(check, saw, todo) : failed(check, saw, todo);
};

/** Ours minus theirs, milliseconds. */
const distance = ({ ours, theirs, now }: ClockReading): number => (now ? ours - theirs : Math.min(0, ours - theirs));

const span = (ms: number): string => {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`;
};

/** The reading of an HTTP `Date` header; undefined where there is none. Its resolution is a second. */
export const dateReading = (of: string, header: unknown, ours: number): ClockReading | undefined => {
  const theirs = typeof header === 'string' ? Date.parse(header) : Number.NaN;
  return Number.isNaN(theirs) ? undefined : { of, theirs, ours, now: true };
};
