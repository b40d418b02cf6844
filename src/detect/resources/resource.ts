import { combine, mix } from '../../stats/hash';

/** A path as a thing with a number: `/orders/4711/lines` is number 4711 of `/orders/…/lines`. */
export interface Resource {
  hash: number;
  /** Hash of the thing with the next number; 0 where the path has no number. */
  next: number;
}

const ZERO = 48;
const NINE = 57;

/** Reads a path into `into`, without making texts. The last number in it is the one that counts. */
export function readResource(path: string, into: Resource): void {
  let end = path.length;
  while (end > 0 && !isDigit(path.charCodeAt(end - 1))) end--;
  let start = end;
  let number = 0;
  let unit = 1;
  while (start > 0 && isDigit(path.charCodeAt(start - 1))) {
    start--;
    number += (path.charCodeAt(start) - ZERO) * unit;
    unit = (unit * 10) % 2 ** 31;
  }
  let h = 0x811c9dc5;
  for (let i = 0; i < start; i++) h = Math.imul(h ^ path.charCodeAt(i), 0x01000193);
  h ^= 0x23;
  for (let i = end; i < path.length; i++) h = Math.imul(h ^ path.charCodeAt(i), 0x01000193);
  const base = mix(h);
  into.hash = combine(base, number | 0);
  into.next = end === 0 ? 0 : combine(base, (number + 1) | 0);
}

function isDigit(c: number): boolean {
  return c >= ZERO && c <= NINE;
}
