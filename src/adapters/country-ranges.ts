/**
 * Country of an address by its place among sorted ranges, in typed arrays. Answers are the starts of ranges alone: where
 * no country holds the addresses between two ranges a start without a country stands there, so one bisection answers. A
 * table over the first 16 bits narrows it beforehand. IPv6 is decided by the first 64 bits: no allocation is smaller.
 */
export interface CountryRanges {
  /** `value`: the address as an unsigned 32-bit number. '' where no country is known. */
  v4(value: number): string;
  /** `high` and `low`: bits 0–31 and 32–63 of the address, unsigned. */
  v6(high: number, low: number): string;
}

/** Bytes of a record: first address, last address, two letters of ISO 3166-1; numbers big-endian. */
const RECORD_V4 = 10;
const RECORD_V6 = 34;

/** Starts in order; `code` says which country holds the addresses from there to the next start (0: none). */
interface Starts {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly code: Uint16Array;
  /** For each value of the first 16 bits, the last start at or before its first address. */
  readonly first: Uint32Array;
}

/**
 * Builds the index from geoip-lite's `geoip-country.dat` and `geoip-country6.dat` (layout: its `scripts/updatedb.js`).
 * A range that runs into the next one ends before it. Throws when a length fits no records or the ranges are not sorted.
 */
export function indexCountries(data4: Uint8Array, data6: Uint8Array): CountryRanges {
  const names = [''];
  const known = new Uint16Array(65_536);
  const codeAt = (data: Uint8Array, at: number): number => {
    const letters = data[at] * 256 + data[at + 1];
    if (known[letters] === 0) known[letters] = names.push(String.fromCharCode(data[at], data[at + 1])) - 1;
    return known[letters];
  };
  const four = startsOf(data4, RECORD_V4, 4, codeAt);
  const six = startsOf(data6, RECORD_V6, 16, codeAt);
  return {
    v4(value) {
      const { high, first } = four;
      let least = first[value >>> 16];
      let most = first[(value >>> 16) + 1];
      while (least < most) {
        const middle = (least + most + 1) >>> 1;
        if (high[middle] <= value) least = middle;
        else most = middle - 1;
      }
      return names[four.code[least]];
    },
    v6(top, rest) {
      const { high, low, first } = six;
      let least = first[top >>> 16];
      let most = first[(top >>> 16) + 1];
      while (least < most) {
        const middle = (least + most + 1) >>> 1;
        if (high[middle] < top || (high[middle] === top && low[middle] <= rest)) least = middle;
        else most = middle - 1;
      }
      return names[six.code[least]];
    },
  };
}

function startsOf(
  data: Uint8Array,
  record: number,
  addressBytes: 4 | 16,
  codeAt: (data: Uint8Array, at: number) => number,
): Starts {
  if (data.length === 0 || data.length % record !== 0) throw new Error(`expected records of ${record} bytes`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const wide = addressBytes === 16;
  const records = data.length / record;
  const high = new Uint32Array(2 * records + 2);
  const low = new Uint32Array(wide ? 2 * records + 2 : 0);
  const code = new Uint16Array(2 * records + 2);
  let count = 1;
  const push = (top: number, rest: number, country: number): void => {
    if (country === code[count - 1]) return;
    high[count] = top;
    if (wide) low[count] = rest;
    code[count++] = country;
  };

  /** First address behind the last range. */
  let freeTop = 0;
  let freeRest = 0;
  let previousTop = -1;
  let previousRest = 0;
  for (let at = 0; at < data.length; at += record) {
    const top = view.getUint32(at);
    const rest = wide ? view.getUint32(at + 4) : 0;
    if (top < previousTop || (top === previousTop && rest <= previousRest)) throw new Error('ranges are not sorted');
    previousTop = top;
    previousRest = rest;
    if (top > freeTop || (top === freeTop && rest > freeRest)) push(freeTop, freeRest, 0);
    push(top, rest, codeAt(data, at + 2 * addressBytes));
    const lastTop = view.getUint32(at + addressBytes);
    const lastRest = wide ? view.getUint32(at + addressBytes + 4) : 0xffffffff;
    freeTop = lastRest === 0xffffffff ? lastTop + 1 : lastTop;
    freeRest = lastRest === 0xffffffff ? 0 : lastRest + 1;
  }
  if (freeTop <= 0xffffffff) push(freeTop, freeRest, 0);
  return {
    high: high.slice(0, count),
    low: low.slice(0, wide ? count : 0),
    code: code.slice(0, count),
    first: firstOf(high, low, count),
  };
}

function firstOf(high: Uint32Array, low: Uint32Array, count: number): Uint32Array {
  const first = new Uint32Array(65_537);
  let at = 0;
  for (let prefix = 0; prefix <= 65_536; prefix++) {
    const top = prefix * 65_536;
    while (at + 1 < count && (high[at + 1] < top || (high[at + 1] === top && !(low[at + 1] > 0)))) at++;
    first[prefix] = at;
  }
  return first;
}
