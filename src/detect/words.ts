/** Facts in words for evidence. All inputs are bounded texts or numbers; nothing here decides anything. */
import { shownAddress } from '../domain/address';

const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
/** Names asked for so far: at most one a pair of letters, and asking costs two microseconds. */
const names = new Map<string, string>();

/** `Brazil (BR)`; the code alone where it names no country. */
export function countryName(code: string): string {
  const known = names.get(code);
  if (known !== undefined) return known;
  if (!/^[A-Z]{2}$/.test(code)) return 'an unknown country';
  const region = regions.of(code);
  const name = region === undefined ? code : `${region} (${code})`;
  names.set(code, name);
  return name;
}

/** ` (198.51.100.7)`; nothing where the address may not be shown. */
export function inBrackets(ip: string): string {
  const shown = shownAddress(ip);
  return shown === '' ? '' : ` (${shown})`;
}

/** A whole number with thousands separated: `9,214`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `in 9,214 of 9,230 requests`. */
export function outOf(part: number, whole: number): string {
  return `in ${count(Math.min(part, whole))} of ${count(whole)} requests`;
}

/** `in 41 days`, `in 5 hours`. */
export function inSpan(days: number): string {
  if (days >= 2) return `in ${count(days)} days`;
  const hours = days * 24;
  return hours >= 2 ? `in ${count(hours)} hours` : 'in less than two hours';
}

/** A rate a day in the words people use: `about 3 a day`, `about 2 a month`, `never`. */
export function rateInWords(perDay: number): string {
  if (perDay >= 1) return `about ${count(perDay)} a day`;
  if (perDay * 7 >= 1) return `about ${count(perDay * 7)} a week`;
  if (perDay * 30 >= 1) return `about ${count(perDay * 30)} a month`;
  if (perDay * 365 >= 1) return `about ${count(perDay * 365)} a year`;
  return 'less than one a year';
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `812 bytes`, `4.2 MB`. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
