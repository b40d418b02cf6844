import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseSeries, parseStamp, windowRows } from '../../bench/nab/data';
import { main } from '../../bench/nab/main';
import { heldOutThreshold } from '../../bench/nab/report';
import {
  falseAlarmCost,
  PROFILES,
  probationRows,
  type RowWindow,
  scaledSigmoid,
  scoreAtBestThreshold,
  scoreAtThreshold,
  windowCredit,
} from '../../bench/nab/score';

const [STANDARD, LOW_FALSE_POSITIVES, LOW_FALSE_NEGATIVES] = PROFILES;

/** 100 rows (the first 15 unscored), detections at the given rows. */
function file(detections: readonly number[], windows: readonly RowWindow[], rows = 100) {
  const scores = new Float64Array(rows);
  for (const row of detections) scores[row] = 0.9;
  return { name: 'a.csv', scores, windows };
}

const WINDOW: RowWindow = { left: 40, right: 49 };
const at = (detections: readonly number[], windows = [WINDOW], profile = STANDARD) =>
  scoreAtThreshold([file(detections, windows)], profile, 0.9);

describe('scores by the rules of the Numenta Anomaly Benchmark', () => {
  it('scaled sigmoid, by hand', () => {
    expect(scaledSigmoid(0)).toBe(0);
    expect(scaledSigmoid(-1)).toBeCloseTo(0.9866143, 7);
    expect(scaledSigmoid(1)).toBeCloseTo(-0.9866143, 7);
    expect(scaledSigmoid(3.01)).toBe(-1);
  });

  it('the first 15 % of a file, at most 750 rows, are not scored', () => {
    expect([100, 4032, 5000, 22_695].map(probationRows)).toEqual([15, 604, 750, 750]);
    expect(at([14]).falseAlarms).toBe(0);
    expect(at([15]).falseAlarms).toBe(1);
  });

  it('a detection at the left edge earns 1, at the right edge σ(−1/width)/σ(−1)', () => {
    expect(windowCredit(40, WINDOW)).toBe(1);
    // y = −(49 − 49 + 1)/10 = −0.1: 2/(1 + e^−0.5) − 1 = 0.2449187; / 0.9866143
    expect(windowCredit(49, WINDOW)).toBeCloseTo(0.2482416, 6);
    // y = −0.5: 2/(1 + e^−2.5) − 1 = 0.8482836
    expect(windowCredit(45, WINDOW)).toBeCloseTo(0.8597925, 6);
  });

  it('in a window only the earliest detection counts', () => {
    expect(at([45, 49]).total).toBeCloseTo(0.8597925, 6);
    expect(at([45, 49]).falseAlarms).toBe(0);
  });

  it('a detection outside costs 1 before the first window, and by its distance after one', () => {
    expect(falseAlarmCost(20, undefined)).toBe(1);
    // y = (58 − 49)/(10 − 1) = 1
    expect(falseAlarmCost(58, WINDOW)).toBeCloseTo(0.9866143, 7);
    expect(falseAlarmCost(90, WINDOW)).toBe(1);
    expect(at([20, 40]).total).toBeCloseTo(1 - 0.11, 9);
    expect(at([40, 58]).total).toBeCloseTo(1 - 0.11 * 0.9866143, 7);
    expect(at([20, 40], [WINDOW], LOW_FALSE_POSITIVES).total).toBeCloseTo(1 - 0.22, 9);
  });

  it('measures the distance from the last window that ended', () => {
    const windows = [WINDOW, { left: 60, right: 64 }];
    // Row 66 is (66 − 64)/(5 − 1) = 0.5 after the second: σ(0.5) = −0.8482836
    expect(at([40, 60, 66], windows).total).toBeCloseTo(2 - 0.11 * 0.8482836, 7);
  });

  it('a window without a detection costs 1, or 2 where misses weigh double', () => {
    expect(at([]).total).toBe(-1);
    expect(at([], [WINDOW], LOW_FALSE_NEGATIVES).total).toBe(-2);
  });

  it('normalises between nothing detected and every window at its left edge', () => {
    for (const profile of PROFILES) {
      expect(at([], [WINDOW], profile).score).toBe(0);
      expect(at([40], [WINDOW], profile).score).toBeCloseTo(100, 9);
    }
    // One of two windows found at its left edge and one false alarm before both: (1 − 1 − 0.11 + 2) / 4
    expect(at([20, 40], [WINDOW, { left: 60, right: 64 }]).score).toBeCloseTo(47.25, 9);
  });

  it('chooses one threshold for all files to maximise the total', () => {
    const first = {
      name: 'a',
      scores: Float64Array.from({ length: 100 }, (_, i) => (i === 40 ? 0.8 : 0)),
      windows: [WINDOW],
    };
    const second = {
      name: 'b',
      scores: Float64Array.from({ length: 100 }, (_, i) => (i === 30 ? 0.9 : i === 41 ? 0.7 : i === 30 + 30 ? 0.6 : 0)),
      windows: [WINDOW],
    };
    const best = scoreAtBestThreshold([first, second], STANDARD);
    expect(best.threshold).toBe(0.7);
    expect(best.found).toBe(2);
    expect(best.falseAlarms).toBe(1);
    expect(best.total).toBeCloseTo(1 + windowCredit(41, WINDOW) - 0.11, 9);
    expect(scoreAtThreshold([first, second], STANDARD, 0.7).total).toBeCloseTo(best.total, 12);
    expect(scoreAtThreshold([first, second], STANDARD, 0.65).total).toBeCloseTo(best.total, 12);
  });

  it('stays silent when every threshold would lose, and rejects scores that are not numbers', () => {
    const best = scoreAtBestThreshold([file([20, 25], [])], STANDARD);
    expect(best.threshold).toBe(Number.POSITIVE_INFINITY);
    expect(best.falseAlarms).toBe(0);
    expect(best.total).toBeCloseTo(0, 12);
    const bad = { name: 'bad.csv', scores: new Float64Array(100).fill(Number.NaN), windows: [] };
    expect(() => scoreAtBestThreshold([bad], STANDARD)).toThrow(/bad\.csv: row 15/);
  });

  it('holds a category out: its own labels do not choose its threshold', () => {
    const low = { ...file([], [WINDOW]), category: 'low' };
    low.scores[40] = 0.2;
    low.scores[20] = 0.1;
    const high = { ...file([40], [WINDOW]), category: 'high' };
    const held = heldOutThreshold([low, high], STANDARD);
    // At the threshold of the other, 0.9, `low` finds nothing; at 0.2 `high` still finds its window.
    expect([...held.categories]).toEqual([
      ['low', 0],
      ['high', 100],
    ]);
    expect(held.score).toBeCloseTo(50, 9);
  });
});

describe('reading series files', () => {
  it('reads stamps as UTC, with or without fractions', () => {
    expect(parseStamp('2014-04-01 00:05:00')).toBe(Date.UTC(2014, 3, 1, 0, 5));
    expect(parseStamp('2014-04-01 00:05:00.000000')).toBe(Date.UTC(2014, 3, 1, 0, 5));
  });

  it('finds the rows of a window, edges included', () => {
    const times = [0, 1, 2, 3, 4].map((minute) => Date.UTC(2014, 0, 1, 0, minute));
    expect(windowRows(times, [['2014-01-01 00:01:00', '2014-01-01 00:03:00.000000']])).toEqual([{ left: 1, right: 3 }]);
    expect(windowRows(times, [['2015-01-01 00:01:00', '2015-01-01 00:03:00']])).toEqual([]);
  });

  it('names the file and the line that it cannot read', () => {
    expect(() => parseSeries('c', 'c/x.csv', 'time,value\n')).toThrow(/c\/x\.csv: expected the header/);
    expect(() => parseSeries('c', 'c/x.csv', 'timestamp,value\n2014-01-01 00:00:00,1\n2014-01-01 00:01:00,\n')).toThrow(
      /c\/x\.csv: line 3/,
    );
  });
});

describe('bench:nab', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nab-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) => {
    const out: string[] = [];
    const complaints: string[] = [];
    const code = main(
      args,
      (line) => out.push(line),
      (line) => complaints.push(line),
    );
    return { code, out: out.join('\n'), complaints: complaints.join('\n') };
  };

  it('says so and fails when the data is absent', () => {
    const result = run('--data', join(folder, 'none'), '--windows', join(folder, 'none.json'));
    expect(result.code).toBe(1);
    expect(result.complaints).toContain('Nothing was measured');
    expect(run('--unknown').code).toBe(2);
  });

  it('writes one scored row per row, for plain and compressed files, and says what it ran on', () => {
    const rows = Array.from({ length: 400 }, (_, i) => {
      const stamp = new Date(Date.UTC(2024, 0, 1) + i * 300_000).toISOString().slice(0, 19).replace('T', ' ');
      return `${stamp},${i === 300 ? 900 : 10 + (i % 7)}`;
    });
    const text = `timestamp,value\n${rows.join('\n')}\n`;
    mkdirSync(join(folder, 'data', 'made'), { recursive: true });
    writeFileSync(join(folder, 'data', 'made', 'plain.csv'), text);
    writeFileSync(join(folder, 'data', 'made', 'packed.csv.gz'), gzipSync(text));
    const window = [rows[290].split(',')[0], rows[310].split(',')[0]];
    writeFileSync(
      join(folder, 'windows.json'),
      JSON.stringify({ 'made/plain.csv': [window], 'made/packed.csv': [window] }),
    );
    const scores = join(folder, 'scores');
    const result = run('--data', join(folder, 'data'), '--windows', join(folder, 'windows.json'), '--scores', scores);
    expect(result.complaints).toBe('');
    expect(result.code).toBe(0);
    expect(result.out).toContain('2 files, 800 rows, 2 labelled windows');
    expect(result.out).toMatch(/standard +\S+ +\S+ +2\/2 +0 /);
    const plain = readFileSync(join(scores, 'made', 'plain.csv'), 'utf8');
    expect(readFileSync(join(scores, 'made', 'packed.csv'), 'utf8')).toBe(plain);
    const lines = plain.trimEnd().split('\n');
    expect(lines[0]).toBe('timestamp,value,anomaly_score');
    expect(lines.slice(1).map((line) => line.slice(0, line.lastIndexOf(',')))).toEqual(rows);
    expect(Number(lines[301].split(',')[2])).toBeGreaterThan(0.9);
  });

  const shared = join(__dirname, '..', '..', '..', 'shared', 'nab');
  if (!existsSync(shared)) {
    it('SKIPPED, THE BENCHMARK FILES ARE ABSENT: ../shared/nab was not found, the goal was not checked', () => {
      console.warn(`${shared} is absent: the series detector was NOT measured on the benchmark`);
    });
  } else {
    it('reaches the goal on the half of the benchmark at hand', () => {
      const result = run();
      const score = (profile: string): number =>
        Number(new RegExp(`^${profile} +\\S+ +(\\S+)`, 'm').exec(result.out)?.[1]);
      expect(result.code).toBe(0);
      expect(score('standard')).toBeGreaterThanOrEqual(81);
      expect(score('low false positives')).toBeGreaterThanOrEqual(72);
      expect(score('low false negatives')).toBeGreaterThanOrEqual(86);
    });
  }
});
