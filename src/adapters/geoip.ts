import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import type { Geography } from '../ports';
import { type CountryRanges, indexCountries } from './country-ranges';

/**
 * Countries from the data that geoip-lite brings along. Only its country files are read, into an index of some 5 MB: its
 * own look-up would keep 145 MB of towns in memory, on which packages disagree anyway. `GEODATADIR` names a folder with
 * newer files, as it does for geoip-lite's update script. Throws when a file is missing or is no such data.
 */
export function createGeoip(): Geography {
  const ranges = loadCountries(dataFolder());
  return { country: (ip) => countryOf(ranges, ip) };
}

function dataFolder(): string {
  const home = dirname(require.resolve('geoip-lite/package.json'));
  return resolve(home, 'lib', process.env.GEODATADIR ?? '../data');
}

function loadCountries(folder: string): CountryRanges {
  const files = ['geoip-country.dat', 'geoip-country6.dat'].map((name) => join(folder, name));
  const [four, six] = files.map((file) => readFileSync(file));
  try {
    return indexCountries(four, six);
  } catch (error) {
    throw new Error(`${files.join(' or ')} is no geoip-lite data: ${(error as Error).message}`);
  }
}

function countryOf(ranges: CountryRanges, ip: string): string {
  if (!ip.includes(':')) {
    const value = parseV4(ip);
    return value < 0 || isPrivate(value) ? '' : ranges.v4(value);
  }
  if (!isIPv6(ip)) return '';
  const groups = groupsOf(ip);
  const high = groups[0] * 65_536 + groups[1];
  const low = groups[2] * 65_536 + groups[3];
  if (high === 0 && low === 0 && groups[4] === 0 && groups[5] === 0xffff) {
    const value = groups[6] * 65_536 + groups[7];
    return isPrivate(value) ? '' : ranges.v4(value);
  }
  return ranges.v6(high, low);
}

/** RFC 1918. Other reserved addresses have no country in the data. */
function isPrivate(value: number): boolean {
  return value >>> 24 === 10 || value >>> 20 === 0xac1 || value >>> 16 === 0xc0a8;
}

/** Dotted decimal as an unsigned number; −1 for anything else. */
function parseV4(text: string): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      if (octet < 0) return -1;
      value = value * 256 + octet;
      octet = -1;
      dots++;
    } else if (c >= 48 && c <= 57) {
      octet = octet < 0 ? c - 48 : octet * 10 + c - 48;
      if (octet > 255) return -1;
    } else return -1;
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

/** The eight groups of a valid IPv6 text. */
function groupsOf(text: string): Uint16Array {
  const groups = new Uint16Array(8);
  let count = 0;
  let gap = -1;
  let value = 0;
  let digits = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 37;
    if (c === 46) {
      const rest = parseV4(text.slice(text.lastIndexOf(':') + 1).replace(/%.*$/, ''));
      groups[count++] = rest >>> 16;
      groups[count++] = rest & 0xffff;
      break;
    }
    if (c === 58 || c === 37) {
      if (digits > 0) groups[count++] = value;
      else if (c === 58 && text.charCodeAt(i + 1) !== 58 && i > 0) gap = count;
      if (c === 37) break;
      value = 0;
      digits = 0;
    } else {
      value = value * 16 + (c <= 57 ? c - 48 : (c | 32) - 87);
      digits++;
    }
  }
  if (gap < 0) return groups;
  const right = count - gap;
  groups.copyWithin(8 - right, gap, count);
  groups.fill(0, gap, 8 - right);
  return groups;
}
