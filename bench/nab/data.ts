/** Reads series files (`<category>/<file>.csv` or `.csv.gz`, header `timestamp,value`) and their labelled windows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RowWindow } from './score';

export interface SeriesFile {
  readonly category: string;
  /** `<category>/<file>.csv`, the name that the windows use. */
  readonly name: string;
  /** As they stand in the file. */
  readonly stamps: readonly string[];
  readonly texts: readonly string[];
  /** Milliseconds; the stamps carry no zone and are read as UTC. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** `2014-04-01 00:00:00[.000000]` → milliseconds since 1970 in UTC; NaN when it is not a time. */
export function parseStamp(stamp: string): number {
  return Date.parse(`${stamp.trim().replace(' ', 'T').slice(0, 23)}Z`);
}

export function parseSeries(category: string, name: string, text: string): SeriesFile {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines[0] !== 'timestamp,value') throw new Error(`${name}: expected the header timestamp,value`);
  const rows = lines.slice(1).map((line) => line.split(','));
  const times = Float64Array.from(rows, ([stamp]) => parseStamp(stamp));
  const values = Float64Array.from(rows, ([, value]) => Number(value));
  rows.forEach((row, i) => {
    if (row.length !== 2 || row[1].trim() === '' || !Number.isFinite(times[i]) || !Number.isFinite(values[i]))
      throw new Error(`${name}: line ${i + 2} is not timestamp,value`);
  });
  return { category, name, stamps: rows.map((row) => row[0]), texts: rows.map((row) => row[1]), times, values };
}

/** One file at a time, in the order of their names. */
export function* readSeries(folder: string): Generator<SeriesFile> {
  const categories = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const category of categories.map((entry) => entry.name).sort()) {
    for (const file of readdirSync(join(folder, category)).sort()) {
      const match = /^(.+\.csv)(\.gz)?$/.exec(file);
      if (match === null) continue;
      const bytes = readFileSync(join(folder, category, file));
      const text = (match[2] === undefined ? bytes : gunzipSync(bytes)).toString('utf8');
      yield parseSeries(category, `${category}/${match[1]}`, text);
    }
  }
}

/** Name of a file → its windows as pairs of stamps. Throws when the JSON has another shape. */
export function readWindows(path: string): ReadonlyMap<string, readonly (readonly [string, string])[]> {
  const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof json !== 'object' || json === null) throw new Error(`${path}: expected an object`);
  const result = new Map<string, readonly (readonly [string, string])[]>();
  for (const [name, pairs] of Object.entries(json)) {
    const whole = Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
    if (!whole) throw new Error(`${path}: ${name}: expected pairs of timestamps`);
    result.set(name, pairs);
  }
  return result;
}

/** The rows whose time lies in a labelled window, edges included; windows without any row are left out. */
export function windowRows(times: ArrayLike<number>, pairs: readonly (readonly [string, string])[]): RowWindow[] {
  const windows: RowWindow[] = [];
  for (const [from, to] of pairs) {
    const [start, end] = [parseStamp(from), parseStamp(to)];
    let left = -1;
    let right = -1;
    for (let i = 0; i < times.length; i++) {
      if (times[i] < start || times[i] > end) continue;
      if (left < 0) left = i;
      right = i;
    }
    if (left >= 0) windows.push({ left, right });
  }
  return windows.sort((a, b) => a.left - b.left);
}
