/**
 * `npm run bench:nab -- --data DIR --windows FILE --scores OUT`: runs the series detector over every file under DIR,
 * writes its scores to OUT/<category>/<file>.csv and prints how they do by the benchmark's rules. Exit code 1 when there
 * is no data or a file cannot be read, 2 for a wrong command line.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSeries, scoreSeries } from '../../src/stats/series';
import { readSeries, readWindows, type SeriesFile, windowRows } from './data';
import { type LabelledFile, report } from './report';

const HOME = join(__dirname, '..', '..', '..', 'shared', 'nab');

/** One pass in the order of the rows; nothing about the file is known beforehand. */
export function scoreFile(file: Pick<SeriesFile, 'times' | 'values'>): Float64Array {
  const state = createSeries();
  const scores = new Float64Array(file.values.length);
  for (let i = 0; i < scores.length; i++) scores[i] = scoreSeries(state, file.times[i], file.values[i]);
  return scores;
}

function writeScores(folder: string, file: SeriesFile, scores: Float64Array): void {
  const path = join(folder, file.name);
  mkdirSync(dirname(path), { recursive: true });
  const rows = file.stamps.map((stamp, i) => `${stamp},${file.texts[i]},${scores[i]}`);
  writeFileSync(path, `${['timestamp,value,anomaly_score', ...rows].join('\n')}\n`);
}

/** Returns the exit code. */
export function main(args: readonly string[], print: (line: string) => void, complain: (line: string) => void): number {
  let options: { data: string; windows: string; scores: string | undefined };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { data: { type: 'string' }, windows: { type: 'string' }, scores: { type: 'string' } },
    });
    const { data = join(HOME, 'data'), windows = join(HOME, 'windows.json'), scores } = values;
    options = { data, windows, scores };
  } catch (error) {
    complain(`${(error as Error).message}\nusage: bench:nab [--data DIR] [--windows FILE] [--scores OUT]`);
    return 2;
  }
  for (const path of [options.data, options.windows]) {
    if (existsSync(path)) continue;
    complain(
      `bench:nab: there is no ${path}; the benchmark's files are not part of this project. Nothing was measured.`,
    );
    return 1;
  }
  try {
    const windows = readWindows(options.windows);
    const files: LabelledFile[] = [];
    for (const file of readSeries(options.data)) {
      const scores = scoreFile(file);
      if (options.scores !== undefined) writeScores(options.scores, file, scores);
      const labels = windows.get(file.name);
      if (labels === undefined) complain(`${file.name}: no entry in ${options.windows}: scores written, not counted`);
      else files.push({ name: file.name, category: file.category, scores, windows: windowRows(file.times, labels) });
    }
    if (files.length === 0) {
      complain(`bench:nab: no labelled <category>/<file>.csv under ${options.data}. Nothing was measured.`);
      return 1;
    }
    print(report(files, options.data));
    return 0;
  } catch (error) {
    complain(`bench:nab: ${(error as Error).message}`);
    return 1;
  }
}

if (require.main === module) {
  process.exitCode = main(process.argv.slice(2), console.log, console.error);
}
