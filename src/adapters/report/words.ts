import { grouped } from '../terminal';

/**
 * A surprise (−log10 of the chance on one benign key-day) as people say it: `about 1 in 2,000 key-days`. One leading
 * digit: more would claim a precision that no calibration has.
 */
export function surpriseInWords(evidence: {
  readonly kind: 'statistical' | 'rule';
  readonly surprise: number;
}): string {
  if (evidence.kind === 'rule') return 'a declared limit, no estimate';
  if (evidence.surprise < 0.15) return 'ordinary';
  if (evidence.surprise > 6) return 'rarer than 1 in 1,000,000 key-days';
  const odds = 10 ** evidence.surprise;
  const digit = 10 ** Math.floor(Math.log10(odds));
  return `about 1 in ${grouped(Math.max(2, Math.round(odds / digit) * digit))} key-days`;
}

/** `2026-01-12 19:14` in UTC; what is no time comes back as a dash. */
export function minute(time: number | string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString().slice(0, 16).replace('T', ' ');
}

export function day(time: number | string): string {
  return minute(time).slice(0, 10);
}

/** `3 keys`, `1 key`. */
export function many(count: number, thing: string): string {
  return `${grouped(count)} ${thing}${count === 1 ? '' : 's'}`;
}
