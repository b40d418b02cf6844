/**
 * Scores anomaly scores against labelled windows by the published rules of the Numenta Anomaly Benchmark
 * (Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms", 2015): early detections inside a window earn
 * most, detections outside cost, the first rows of a file are not scored, one threshold serves every file and is chosen
 * to maximise the total.
 */

/** Rows `left`..`right`, both included, counted from 0. */
export interface RowWindow {
  readonly left: number;
  readonly right: number;
}

export interface ScoredFile {
  /** Shown in messages only. */
  readonly name: string;
  /** One anomaly score per row, in [0, 1]. */
  readonly scores: ArrayLike<number>;
  /** In ascending order, not overlapping. */
  readonly windows: readonly RowWindow[];
}

/** What a missed window and a detection outside every window cost, in units of one perfectly early detection. */
export interface ScoreProfile {
  readonly name: string;
  readonly missed: number;
  readonly falseAlarm: number;
}

export const PROFILES: readonly ScoreProfile[] = [
  { name: 'standard', missed: 1, falseAlarm: 0.11 },
  { name: 'low false positives', missed: 1, falseAlarm: 0.22 },
  { name: 'low false negatives', missed: 2, falseAlarm: 0.11 },
];

/** σ(y) = 2 / (1 + e^(5y)) − 1, and −1 beyond y = 3. */
export function scaledSigmoid(y: number): number {
  return y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1;
}

/** Rows at the start of a file that are not scored: 15 % of the file, at most 750. */
export function probationRows(rows: number): number {
  return Math.min(Math.floor(0.15 * rows), 750);
}

/** What a first detection at `row` of a window earns: 1 at the left edge, just above 0 at the right edge. */
export function windowCredit(row: number, window: RowWindow): number {
  const width = window.right - window.left + 1;
  return scaledSigmoid(-(window.right - row + 1) / width) / scaledSigmoid(-1);
}

/** What a detection outside every window costs before the profile's weight, in [0, 1]; `before` is the last window that ended. */
export function falseAlarmCost(row: number, before: RowWindow | undefined): number {
  if (before === undefined) return 1;
  const width = before.right - before.left + 1;
  return -scaledSigmoid((row - before.right) / Math.max(1, width - 1));
}

/** Adding detections in descending order of score changes the total by steps; the sweep visits each step once. */
interface Row {
  readonly score: number;
  /** ≥ 0: index of the window; −1: outside. */
  readonly window: number;
  /** Credit inside a window, cost outside. */
  readonly amount: number;
}

function scoredRows(files: readonly ScoredFile[]): { rows: Row[]; windows: number } {
  const rows: Row[] = [];
  let windows = 0;
  for (const file of files) {
    let next = 0;
    let before: RowWindow | undefined;
    const length = file.scores.length;
    const probation = probationRows(length);
    for (let i = 0; i < length; i++) {
      while (next < file.windows.length && i > file.windows[next].right) before = file.windows[next++];
      if (i < probation) continue;
      const score = file.scores[i];
      if (!Number.isFinite(score)) throw new Error(`${file.name}: row ${i} has no finite score`);
      const window = file.windows[next];
      if (window !== undefined && i >= window.left)
        rows.push({ score, window: windows + next, amount: windowCredit(i, window) });
      else rows.push({ score, window: -1, amount: falseAlarmCost(i, before) });
    }
    windows += file.windows.length;
  }
  return { rows, windows };
}

export interface ProfileResult {
  readonly profile: string;
  /** Normalised: 0 is a detector that never speaks, 100 finds every window at its left edge and nothing else. */
  readonly score: number;
  /** A row is a detection when its score reaches this. */
  readonly threshold: number;
  readonly total: number;
  readonly windows: number;
  readonly found: number;
  readonly falseAlarms: number;
}

/** The total at every distinct threshold, from the highest down; the first entry is "nothing detected". */
function* totals(files: readonly ScoredFile[], profile: ScoreProfile): Generator<Omit<ProfileResult, 'score'>> {
  const { rows, windows } = scoredRows(files);
  rows.sort((a, b) => b.score - a.score);
  const credit = new Float64Array(windows);
  const hit = new Uint8Array(windows);
  const state = { total: -profile.missed * windows, found: 0, falseAlarms: 0 };
  yield { profile: profile.name, threshold: Number.POSITIVE_INFINITY, windows, ...state };
  for (let i = 0; i < rows.length; ) {
    const threshold = rows[i].score;
    for (; i < rows.length && rows[i].score === threshold; i++) {
      const { window, amount } = rows[i];
      if (window < 0) {
        state.total -= profile.falseAlarm * amount;
        state.falseAlarms++;
      } else if (hit[window] === 0) {
        hit[window] = 1;
        credit[window] = amount;
        state.total += profile.missed + amount;
        state.found++;
      } else if (amount > credit[window]) {
        state.total += amount - credit[window];
        credit[window] = amount;
      }
    }
    yield { profile: profile.name, threshold, windows, ...state };
  }
}

function normalised(result: Omit<ProfileResult, 'score'>, profile: ScoreProfile): ProfileResult {
  const nothing = -profile.missed * result.windows;
  const perfect = result.windows;
  return { ...result, score: perfect === nothing ? 0 : (100 * (result.total - nothing)) / (perfect - nothing) };
}

/** The best total over all thresholds; on a tie the highest threshold. Throws when a score is not finite. */
export function scoreAtBestThreshold(files: readonly ScoredFile[], profile: ScoreProfile): ProfileResult {
  let best: Omit<ProfileResult, 'score'> | undefined;
  for (const step of totals(files, profile)) if (best === undefined || step.total > best.total) best = step;
  return normalised(best!, profile);
}

/** The total at a threshold that was chosen elsewhere. */
export function scoreAtThreshold(
  files: readonly ScoredFile[],
  profile: ScoreProfile,
  threshold: number,
): ProfileResult {
  let last: Omit<ProfileResult, 'score'> | undefined;
  for (const step of totals(files, profile)) {
    if (last !== undefined && step.threshold < threshold) break;
    last = step;
  }
  return normalised({ ...last!, threshold }, profile);
}
