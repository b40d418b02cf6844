import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { runEvaluate } from '../../src/app/evaluate';
import { alertFloor } from '../../src/app/evaluate/observe';
import { configSchema } from '../../src/config';
import type { EvaluateOptions } from '../../src/options';
import { formatRecord, labels, type SimulateOptions, simulate } from '../../src/simulate/simulate';
import { temporaryDirectories } from '../support/files';

jest.setTimeout(120_000);

const traffic: SimulateOptions = { seed: 5, keys: 16, days: 12, ratePerKeyDay: 30, thefts: 6 };
const newDirectory = temporaryDirectories();

let dir: string;
let stream: string;
let labelFile: string;
beforeAll(async () => {
  dir = await newDirectory();
  stream = join(dir, 'site.masq.ndjson');
  labelFile = join(dir, 'site.masq.labels.ndjson');
  const events = [...simulate(traffic)];
  await writeFile(stream, events.map(({ record }) => `${formatRecord(record)}\n`).join(''));
  await writeFile(
    labelFile,
    labels(traffic)
      .map((label) => `${JSON.stringify(label)}\n`)
      .join(''),
  );
  const attack = events.flatMap(({ theftId }, line) => (theftId === undefined ? [] : [line]));
  await writeFile(join(dir, 'site.masq.attack-lines.json.gz'), gzipSync(JSON.stringify(attack)));
});

async function evaluate(over: Partial<EvaluateOptions>) {
  const text = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _, done) {
        text[name] += chunk;
        done();
      },
    });
  const json = join(dir, 'report.json');
  const html = join(dir, 'report.html');
  await runEvaluate({
    files: [],
    sets: [],
    labels: undefined,
    newcomers: undefined,
    attackLines: undefined,
    plain: undefined,
    windows: undefined,
    inject: undefined,
    seed: 1,
    budget: undefined,
    json,
    html,
    config: undefined,
    format: 'auto',
    version: '0.0.0',
    stop: new AbortController().signal,
    terminal: {
      out: sink('out'),
      err: sink('err'),
      outIsTty: false,
      errIsTty: false,
      colour: { out: false, err: false },
      width: 100,
    },
    ...over,
  });
  return { ...text, page: JSON.parse(await readFile(json, 'utf8')), html: await readFile(html, 'utf8') };
}

describe('simulated traffic, from the log to the report', () => {
  test('finds thefts, beside the plain rules, and names the risk for a budget', async () => {
    const { page, out, html } = await evaluate({ sets: [join(dir, 'site.masq')], budget: 30 });
    const { report, baselines } = page.pooled;
    expect(report.thefts).toHaveLength(labels(traffic).length);
    expect(report.recall.value).toBeGreaterThan(0.2);
    expect(report.medianRequests).toBeGreaterThanOrEqual(1);
    expect(baselines.map((b: { name: string }) => b.name)).toEqual([
      'new country',
      'new /16',
      'new agent',
      'rare',
      'coin',
    ]);
    expect(report.budgets.map((b: { budget: number }) => b.budget)).toEqual([5, 10, 20, 30, 50, 100, 200]);
    for (const b of report.budgets) expect(b.falseRate).toBeLessThanOrEqual(b.budget);
    expect(page.choice).toMatchObject({ budget: 30, risk: expect.any(Number) });
    expect(page.choice.measured.recall.value).toBeGreaterThan(0);
    expect(out).toContain(`when: { risk: ${page.choice.risk} }`);
    expect(html).toContain('<svg');
  });

  test('a set and the same files one by one give the same report', async () => {
    const asSet = await evaluate({ sets: [join(dir, 'site.masq')] });

    const byFile = await evaluate({
      files: [stream],
      labels: labelFile,
      attackLines: join(dir, 'site.masq.attack-lines.json.gz'),
    });
    expect(byFile.page.pooled.report.recall).toEqual(asSet.page.pooled.report.recall);
    expect(byFile.page.pooled.report.medianRequests).toEqual(asSet.page.pooled.report.medianRequests);
  });

  test('a policy that never alerts finds nothing and alerts nobody falsely; the budgets are judged all the same', async () => {
    const quiet = configSchema.parse({ source: { kind: 'stdin' }, policy: { rules: [] } });
    const { page } = await evaluate({ files: [stream], labels: labelFile, config: quiet });
    expect(page.pooled.report.recall.value).toBe(0);
    expect(page.pooled.report.falseAlerts).toEqual([]);
    expect(page.pooled.report.budgets.at(-1).found.value).toBeGreaterThan(0.5);
  });

  test('makes thefts of the log itself, the same for the same seed', async () => {
    const log = { files: [stream], inject: 6 };
    const first = await evaluate({ ...log, seed: 3 });
    expect(first.page.injected).toEqual({ asked: 6, made: first.page.pooled.report.thefts.length, seed: 3 });
    expect(first.page.injected.made).toBeGreaterThan(2);
    expect((await evaluate({ ...log, seed: 3 })).page).toEqual(first.page);
    expect((await evaluate({ ...log, seed: 4 })).page.pooled.report.thefts).not.toEqual(
      first.page.pooled.report.thefts,
    );
  });

  test('without thefts a stream is a control, and the same traffic as plain adds nothing in any window', async () => {
    const windows = join(dir, 'windows.ndjson');
    const [first] = labels(traffic);
    await writeFile(windows, `${JSON.stringify({ start: first!.start, end: first!.windowEnd, kind: 'outage' })}\n`);
    const { page, out } = await evaluate({ files: [stream], plain: stream, windows });
    expect(page.pooled).toBeUndefined();
    expect(page.controls).toHaveLength(1);
    const [control] = page.controls;
    expect(control.report.falseAlerts.length).toBeGreaterThan(0);
    expect(control.fleet.windows).toEqual([expect.objectContaining({ added: [] })]);
    expect(control.fleet.falseAlerts).toBe(control.fleet.plainFalseAlerts);
    expect(out).toContain('Without a theft');
  });
});

test('the curve is cut where the policy alerts whatever else is the case', () => {
  const withRules = (rules: unknown[]) => configSchema.parse({ source: { kind: 'stdin' }, policy: { rules } });
  expect(alertFloor(configSchema.parse({ source: { kind: 'stdin' } }))).toBe(60);
  expect(alertFloor(withRules([]))).toBe(Number.POSITIVE_INFINITY);
  const conditional = { name: 'a', when: { risk: 30, signs: 2 }, action: 'alert' };
  const observing = { name: 'b', when: { risk: 20 }, action: 'observe' };
  expect(alertFloor(withRules([conditional, observing, { name: 'c', when: { risk: 70 }, action: 'alert' }]))).toBe(70);
});

describe('bad input is named', () => {
  const bad = async (name: string, text: string) => {
    const path = join(dir, name);
    await writeFile(path, text);
    return path;
  };
  test('labels', async () => {
    const path = await bad('bad.ndjson', '{"key":"a","start":"2026-01-05T00:00:00Z"}\n{"key":"a","start":"soon"}\n');
    await expect(evaluate({ files: [stream], labels: path })).rejects.toThrow(`${path}:2: start`);
  });
  test('attack lines, a missing file, a missing set, a log without events', async () => {
    const lines = await bad('lines.json', '["a"]');
    await expect(evaluate({ files: [stream], labels: labelFile, attackLines: lines })).rejects.toThrow('line numbers');
    await expect(evaluate({ files: [stream], labels: join(dir, 'none') })).rejects.toThrow('cannot be read (ENOENT)');
    await expect(evaluate({ sets: [join(dir, 'none')] })).rejects.toThrow('there is no');
    const empty = await bad('empty.ndjson', '');
    await expect(evaluate({ files: [empty], labels: labelFile })).rejects.toThrow('no usage event');
  });
  test('a log that no theft can be made of', async () => {
    const small = await bad('small.ndjson', '{"ts":"2026-01-05T00:00:00Z","key":"a","ip":"198.51.100.1"}\n');
    await expect(evaluate({ files: [small], inject: 3 })).rejects.toThrow('no theft could be made');
  });
  test('labels of keys that the stream does not hold', async () => {
    const path = await bad('stranger.ndjson', '{"key":"nobody","start":"2026-01-17T00:00:00Z"}\n');
    const { err, page } = await evaluate({ files: [stream], labels: path });
    expect(err).toContain('labels of keys that the stream does not hold: 1;');
    expect(page.pooled.report.recall.value).toBe(0);
  });
});

const development = join(__dirname, '..', '..', '..', 'shared', 'eval', 'seed-101');
const present = existsSync(development);
if (!present) process.stderr.write(`SKIPPED: evaluation of the development data: there is no ${development}\n`);

(present ? describe : describe.skip)('development data', () => {
  test('a labelled set is scored as its description says', async () => {
    const { page } = await evaluate({ sets: [join(development, 'aptrepo-org.masq')] });
    const { report, baselines } = page.pooled;
    expect(report.thefts).toHaveLength(9);
    // 90 keys for 40 % of the 18 days.
    expect(Math.round(report.keyDays)).toBe(648);
    expect(report.falseAlerts.filter((a: { atNewcomer: boolean }) => a.atNewcomer)).toHaveLength(
      report.falseAtNewcomers,
    );
    expect(report.falseAtNewcomers).toBeGreaterThan(0);
    const network = baselines.find((b: { name: string }) => b.name === 'new /16');
    expect(network.recall.value).toBeGreaterThan(0.7);
    expect(network.falseRate.value).toBeGreaterThan(90);
  });
  test('fleet-wide incidents are compared with the same traffic without them', async () => {
    const { page } = await evaluate({ sets: [join(development, 'aptrepo-org.control-fleet')] });
    const [{ fleet, report }] = page.controls;
    expect(fleet.windows).toHaveLength(4);
    expect(fleet.falseAlerts).toBe(report.falseAlerts.length);
  });
});
