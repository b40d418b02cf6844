import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '../../src/adapters/model/read';
import type { AlertDocument } from '../../src/domain/alert';
import { type SimulateOptions, simulate } from '../../src/simulate/simulate';
import { temporaryDirectories } from '../support/files';
import { keywatch } from '../support/keywatch';

const makeDirectory = temporaryDirectories();
const fleet = { keys: 60, days: 15, ratePerKeyDay: 30 };

function logIn(dir: string, name: string, of: SimulateOptions): string {
  const path = join(dir, name);
  writeFileSync(path, Array.from(simulate(of), ({ record }) => `${JSON.stringify(record)}\n`).join(''));
  return path;
}

const evidenceOf = (printed: string) =>
  printed
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => (JSON.parse(line) as AlertDocument).keywatch.evidence ?? []);

test('what keywatch train makes of a log, a replay that is configured with it uses', async () => {
  const dir = await makeDirectory();
  const past = logIn(dir, 'past.ndjson', { seed: 3, ...fleet });
  const out = join(dir, 'models');
  const line = ['train', past, '--format', 'keywatch', '--name', 'small', '--out', out, '--backend', 'cpu'];
  const training = keywatch([...line, '--epochs', '10', '--ablation', '6']);
  expect([await training.ended(), training.said()]).toEqual([0, expect.stringContaining('validation')]);
  const folder = join(out, 'small');
  expect(training.printed()).toBe(`${folder}\n`);
  expect(readdirSync(out)).toEqual(['small']);
  expect(readModel(folder).card).toMatchObject({ name: 'small', data: { keys: 60 }, training: { seed: 1 } });
  const { ablation } = readModel(folder).card;
  expect(ablation[0].rows.map(({ how, thefts }) => [how, thefts > 0])).toEqual([
    ['statistical', true],
    ['model', true],
    ['both', true],
  ]);
  expect(training.said()).toContain('detectors only: by the policy');
  expect(await keywatch([...line, '--epochs', '10']).ended()).toBe(0);
  expect(readModel(folder).card.ablation).toEqual(ablation);

  const present = logIn(dir, 'present.ndjson', { seed: 4, ...fleet, thefts: 10 });
  const replayed = async (model: object) => {
    const file = join(dir, 'keywatch.yaml');
    writeFileSync(file, JSON.stringify({ source: { kind: 'stdin' }, detect: { model } }));
    const replay = keywatch(['replay', present, '--format', 'keywatch', '-c', file]);
    expect([await replay.ended(), replay.said()]).toEqual([0, expect.any(String)]);
    return evidenceOf(replay.printed()).filter(({ detector }) => detector === 'model');
  };
  const used = await replayed({ mode: 'on', path: folder });
  expect(used.length).toBeGreaterThan(0);
  expect(used[0].saw).toMatch(/unusual (beside the rest )?within one hour/);
  expect(await replayed({ mode: 'shadow', path: folder })).toEqual([]);
}, 90_000);

test('Ctrl-C while it trains leaves nothing', async () => {
  const dir = await makeDirectory();
  const past = logIn(dir, 'past.ndjson', { seed: 3, ...fleet });
  const training = keywatch([
    ...['train', past, '--format', 'keywatch', '--out', join(dir, 'models'), '--backend', 'cpu', '--epochs', '10000'],
  ]);
  await new Promise<void>((resolve) => {
    training.child.stderr!.on('data', () => {
      if (/TensorFlow\.js cpu/.test(training.said())) resolve();
    });
    training.child.once('exit', () => resolve());
  });
  training.child.kill('SIGINT');
  expect([await training.ended(), training.printed()]).toEqual([130, '']);
  expect(readdirSync(dir)).toEqual(['past.ndjson']);
}, 60_000);

test('keywatch run has the shipped model in shadow: counted, told in the debug log, and no evidence', async () => {
  const dir = await makeDirectory();
  const path = logIn(dir, 'live.ndjson', { seed: 4, ...fleet, thefts: 10 });
  const file = join(dir, 'keywatch.yaml');
  const config = {
    source: { kind: 'file', path },
    ingest: { format: 'keywatch' },
    alerts: [{ kind: 'console', style: 'json' }],
    state: { dir: join(dir, 'state') },
    log: { level: 'debug' },
    http: { port: 0 },
  };
  writeFileSync(file, JSON.stringify(config));
  const run = keywatch(['run', '-c', file]);
  await run.url();
  while (!run.said().includes('shadow: would have spoken') && run.child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await run.metric('keywatch_model_loaded')).toBe(1);
  expect(await run.metric('keywatch_model_surprise_count')).toBeGreaterThan(0);
  expect(await run.stop()).toBe(0);
  const told = run
    .said()
    .split('\n')
    .filter((line) => line.includes('would have spoken'))
    .map((line) => JSON.parse(line));
  expect(told[0]).toMatchObject({ model: 'default', saw: expect.stringContaining('within one hour') });
  expect(Math.min(...told.map(({ surprise }) => surprise))).toBeGreaterThanOrEqual(2);
  expect(evidenceOf(run.printed()).filter(({ detector }) => detector === 'model')).toEqual([]);
}, 60_000);
