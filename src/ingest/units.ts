import { numberOf } from './fields';
import { parseAnyTime, parseCommonLogTime, parseRfc3339 } from './time';

/** How a field writes a time. `auto`: RFC 3339, common log format, or a number whose size tells its unit. */
export const timeUnits = ['auto', 'rfc3339', 'common', 's', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof timeUnits)[number];

export const durationUnits = ['ns', 'us', 'ms', 's'] as const;
export type DurationUnit = (typeof durationUnits)[number];

const milliseconds: Readonly<Record<DurationUnit, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3 };

/** A number, also as text, of up to 20 digits: nanoseconds since 1970 have 19. */
function countOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,20}(\.\d{1,9})?$/.test(value) ? Number(value) : Number.NaN;
}

/** Milliseconds since 1970 UTC; NaN for what is no such time. */
export function timeIn(value: unknown, unit: TimeUnit): number {
  switch (unit) {
    case 'auto':
      return parseAnyTime(value);
    case 'rfc3339':
      return typeof value === 'string' && value.length <= 64 ? parseRfc3339(value) : Number.NaN;
    case 'common':
      return typeof value === 'string' ? parseCommonLogTime(value) : Number.NaN;
    default: {
      const count = countOf(value);
      // Division keeps whole milliseconds whole where a multiplication by 1e-6 would not.
      const ms = unit === 's' ? count * 1e3 : unit === 'ms' ? count : count / (unit === 'us' ? 1e3 : 1e6);
      return ms >= 0 && ms < 1e15 ? Math.floor(ms + 1e-6) : Number.NaN;
    }
  }
}

/** A duration in milliseconds, to the microsecond; undefined when absent, negative or no number. */
export function durationIn(value: unknown, unit: DurationUnit): number | undefined {
  const count = numberOf(value);
  return count === undefined ? undefined : Math.round(count * milliseconds[unit] * 1e3) / 1e3;
}
