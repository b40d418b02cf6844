/**
 * Times as access logs write them. All functions answer milliseconds since 1970 UTC, or NaN for what is not such a
 * time; none throws and none uses a wall clock.
 */

const digit = (text: string, at: number): number => {
  const d = text.charCodeAt(at) - 48;
  return d >= 0 && d <= 9 ? d : Number.NaN;
};
const two = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Minutes of `Z` or `±hh:mm` at `at`, the text's end; NaN otherwise. */
function zone(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 90) return text.length === at + 1 ? 0 : Number.NaN;
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return Number.NaN;
  const hours = two(text, at + 1);
  const minutes = two(text, at + 4);
  if (!(hours <= 23 && minutes <= 59)) return Number.NaN;
  return (sign === 43 ? 1 : -1) * (hours * 60 + minutes);
}

/**
 * RFC 3339 with seconds and a zone (`Z` or `±hh:mm`), capital T; the same texts as zod's `iso.datetime({ offset: true })`.
 * Digits of a fraction beyond milliseconds are cut.
 */
export function parseRfc3339(text: string): number {
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 84 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  )
    return Number.NaN;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === 46) {
    at += 1;
    const start = at;
    for (let weight = 100; digit(text, at) >= 0; at += 1, weight /= 10) if (weight >= 1) ms += digit(text, at) * weight;
    if (at === start) return Number.NaN;
  }
  return Date.UTC(year, month - 1, day, hour, minute, second, ms) - zone(text, at) * 60_000;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Common log format, `10/Oct/2026:13:55:36 -0700` (NGINX `$time_local`). */
export function parseCommonLogTime(text: string): number {
  if (text.length !== 26 || text.charCodeAt(20) !== 32) return Number.NaN;
  const day = two(text, 0);
  const month = months.indexOf(text.slice(3, 6)) + 1;
  const year = two(text, 7) * 100 + two(text, 9);
  const [hour, minute, second] = [two(text, 12), two(text, 15), two(text, 18)];
  const sign = text.charCodeAt(21);
  const separators =
    text[2] === '/' &&
    text[6] === '/' &&
    text[11] === ':' &&
    text[14] === ':' &&
    text[17] === ':' &&
    (sign === 43 || sign === 45);
  if (!separators || !(month >= 1 && day >= 1 && day <= daysIn(year, month))) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return Number.NaN;
  const offset = (sign === 43 ? 1 : -1) * (two(text, 22) * 60 + two(text, 24));
  return Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000;
}

/**
 * A number of unknown unit, by its size: seconds below 1e11, milliseconds below 1e14, else microseconds. Between 2000
 * and 2100 the three ranges do not overlap.
 */
export function parseEpoch(value: number): number {
  if (!Number.isFinite(value) || value < 0) return Number.NaN;
  if (value < 1e11) return Math.round(value * 1000);
  return value < 1e14 ? Math.round(value) : Math.round(value / 1000);
}

/** Any of the above: a number, a number as text, RFC 3339, or common log format. */
export function parseAnyTime(value: unknown): number {
  if (typeof value === 'number') return parseEpoch(value);
  if (typeof value !== 'string' || value.length > 64) return Number.NaN;
  if (/^\d{9,17}(\.\d{1,9})?$/.test(value)) return parseEpoch(Number(value));
  const rfc = parseRfc3339(value);
  return Number.isNaN(rfc) ? parseCommonLogTime(value) : rfc;
}
