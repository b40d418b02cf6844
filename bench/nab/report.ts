/** Turns scored files into the printed report: three profiles, held-out thresholds, every file, the published detectors. */
import { SERIES_THRESHOLD } from '../../src/stats/series';
import { PUBLISHED } from './published';
import {
  PROFILES,
  type ProfileResult,
  type ScoredFile,
  type ScoreProfile,
  scoreAtBestThreshold,
  scoreAtThreshold,
} from './score';

export interface LabelledFile extends ScoredFile {
  readonly category: string;
}

export interface HeldOut {
  /** Normalised over all files. */
  readonly score: number;
  /** Category → its own normalised score; a category without windows has none and is left out. */
  readonly categories: ReadonlyMap<string, number>;
}

/** Each category is scored at the threshold that is best for all the others. */
export function heldOutThreshold(files: readonly LabelledFile[], profile: ScoreProfile): HeldOut {
  const categories = new Map<string, number>();
  let total = 0;
  let windows = 0;
  for (const category of new Set(files.map((file) => file.category))) {
    const others = files.filter((file) => file.category !== category);
    const mine = files.filter((file) => file.category === category);
    const result = scoreAtThreshold(mine, profile, scoreAtBestThreshold(others, profile).threshold);
    if (result.windows > 0) categories.set(category, result.score);
    total += result.total;
    windows += result.windows;
  }
  const nothing = -profile.missed * windows;
  return { score: windows === 0 ? 0 : (100 * (total - nothing)) / (windows - nothing), categories };
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
}

const points = (score: number): string => score.toFixed(1);

function profileRows(files: readonly LabelledFile[]): string[][] {
  const header = ['profile', 'best threshold', 'score', 'found', 'false', 'held out', `at ${SERIES_THRESHOLD}`];
  const rows = PROFILES.map((profile) => {
    const best = scoreAtBestThreshold(files, profile);
    const shipped = scoreAtThreshold(files, profile, SERIES_THRESHOLD);
    return [
      profile.name,
      best.threshold.toFixed(3),
      points(best.score),
      `${best.found}/${best.windows}`,
      String(best.falseAlarms),
      points(heldOutThreshold(files, profile).score),
      points(shipped.score),
    ];
  });
  return [header, ...rows];
}

function fileRows(files: readonly LabelledFile[], at: ProfileResult): string[][] {
  const rows = files.map((file) => {
    const result = scoreAtThreshold([file], PROFILES[0], at.threshold);
    return [file.name, String(file.scores.length), `${result.found}/${result.windows}`, String(result.falseAlarms)];
  });
  return [['file (standard threshold)', 'rows', 'found', 'false'], ...rows];
}

function publishedRows(score: number, files: number): string[][] {
  const ours = ['keywatch series', files === 29 ? points(score) : '', files === 58 ? points(score) : ''];
  const others = PUBLISHED.map(({ detector, half, whole }) => [detector, points(half), points(whole)]);
  return [['detector, standard profile', '29 files', '58 files'], ours, ...others];
}

/** `data` is named as what it ran on. Without a window in any file there is nothing to score, and the report says so. */
export function report(files: readonly LabelledFile[], data: string): string {
  const rows = files.reduce((sum, file) => sum + file.scores.length, 0);
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0);
  const lines = [`series detector on ${files.length} files, ${rows} rows, ${windows} labelled windows: ${data}`, ''];
  if (windows === 0) return [...lines, 'no labelled window: nothing to score'].join('\n');
  const best = scoreAtBestThreshold(files, PROFILES[0]);
  lines.push(...table(profileRows(files)));
  lines.push(
    '',
    'held out: each category at the threshold that is best for the other categories; settings are the same for all.',
  );
  const held = heldOutThreshold(files, PROFILES[0]).categories;
  lines.push(
    ...table([['category held out, standard', 'score'], ...[...held].map(([name, score]) => [name, points(score)])]),
  );
  lines.push('', ...table(fileRows(files, best)));
  lines.push('', ...table(publishedRows(best.score, files.length)));
  lines.push(
    '',
    'Published figures were measured by others on the half of 29 files and on the whole of 58. Ours stands in the column',
    files.length === 29 || files.length === 58
      ? `of ${files.length} files, by their number; it is comparable only if these are the same files.`
      : `of neither: it ran on ${files.length} files and scored ${points(best.score)}.`,
  );
  return lines.join('\n');
}
