import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '../../src/adapters/model/read';
import { type TrainingJob, trainAutoencoder } from '../../src/adapters/tensorflow/autoencoder';
import { type BackendName, loadBackend } from '../../src/adapters/tensorflow/backend';
import { trainApart } from '../../src/adapters/tensorflow/training';
import { DEFAULT_MODEL, readModels } from '../../src/app/models';
import { createGathering } from '../../src/app/train/gather';
import { makeModel } from '../../src/app/train/make';
import { configSchema } from '../../src/config';
import { FEATURES } from '../../src/detect/model/features';
import { createIngest } from '../../src/ingest/ingest';
import { simulate } from '../../src/simulate/simulate';
import { inFolder, modelIn } from '../support/model-files';
import { runtimesHere } from '../support/tensorflow';

const config = configSchema.parse({ source: { kind: 'stdin' } });
const counts = { lines: 1, rejected: 0 };

function gathered(keys: number, days: number) {
  const { ingest } = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 65_536 });
  const gathering = createGathering(config, 1);
  for (const { record } of simulate({ seed: 3, keys, days, ratePerKeyDay: 40 })) {
    for (const result of ingest(Buffer.from(JSON.stringify(record))))
      if (result.kind === 'event') gathering.take([result.event]);
  }
  return gathering.finish();
}

const collected = gathered(60, 16);

async function make(seed = 1, runtime: BackendName = 'cpu', epochs = 12) {
  const backend = await loadBackend(runtime);
  expect(backend.name).toBe(runtime);
  const train = async (job: TrainingJob) => ({
    trained: await trainAutoencoder(backend, job, () => true),
    backend: runtime,
  });
  return makeModel(collected, { name: 'small', seed, epochs, about: 'simulated', now: 0, counts, train });
}

describe('training', () => {
  let onCpu: ReturnType<typeof make> | undefined;

  test('on a small simulated fleet ends, gets better, and does the same again', async () => {
    const { layers, card } = await make();
    const again = await make();
    const last = card.training.losses[card.training.bestEpoch - 1];
    expect(last[1]).toBeLessThan(card.training.startLoss / 4);
    expect(again.layers).toEqual(layers);
    expect(again.card).toEqual(card);
    expect((await make(2)).card.weights.sha256).not.toBe(card.weights.sha256);
    expect(card.data.trained + card.data.validated).toBeLessThanOrEqual(card.data.looks - card.data.dirty);
  });

  test.each(runtimesHere)('on %s gives the same bytes again, and within 1e-5 the weights of cpu', async (runtime) => {
    onCpu ??= make(1, 'cpu', 40);
    const cpu = await onCpu;
    const one = await make(1, runtime, 40);
    const two = await make(1, runtime, 40);
    expect(two.card).toEqual(one.card);
    const weights = ({ layers }: typeof one) => layers.flatMap(({ kernel, bias }) => [...kernel, ...bias]);
    const expected = weights(cpu);
    const apart = weights(one).map((x, i) => Math.abs(x - expected[i]));
    expect(Math.max(...apart)).toBeLessThan(1e-5);
    const { points } = one.card.calibration;
    expect(points.map(([, surprise]) => surprise)).toEqual(cpu.card.calibration.points.map(([, surprise]) => surprise));
    for (const [i, [error]] of points.entries()) {
      const [there] = cpu.card.calibration.points[i];
      expect(Math.abs(error / there - 1)).toBeLessThan(1e-3);
    }
  });

  test.each([
    ['too little', gathered(5, 4), counts, /keys: 5, at least 20.*days of settled keys/],
    ['unreadable', collected, { lines: 100, rejected: 30 }, /30 of 100 records could not be read/],
    ['dirty', { ...collected, dirty: collected.looks }, counts, /lie about alerts/],
  ])('refuses %s data, and says why', async (_, data, read, says) => {
    const train = () => Promise.reject(new Error('was begun all the same'));
    const making = { name: 'x', seed: 1, epochs: 1, about: '', now: 0, counts: read, train };
    await expect(makeModel(data, making)).rejects.toThrow(says);
  });

  const job: TrainingJob = {
    features: FEATURES,
    train: new Float32Array(64 * FEATURES).fill(0.5),
    validation: new Float32Array(8 * FEATURES).fill(0.5),
    hidden: [4],
    seed: 1,
    epochs: 100_000,
    patience: 100_000,
    batch: 16,
    rate: 0.01,
  };
  const execArgv = ['-r', join(__dirname, '../../bench/register.js')];

  test('runs in a thread of its own, which an abort ends', async () => {
    const stop = new AbortController();
    const epochs: number[] = [];
    const onEpoch = ({ epoch }: { epoch: number }) => {
      epochs.push(epoch);
      if (epochs.length === 3) stop.abort();
    };
    const options = { prefer: 'cpu', stop: stop.signal, onBackend: () => undefined, onEpoch, execArgv } as const;
    await expect(trainApart(job, options)).rejects.toThrow(/abort/i);
    expect(epochs.slice(0, 3)).toEqual([1, 2, 3]);
    const short = { ...options, stop: new AbortController().signal, onEpoch: () => undefined };
    expect((await trainApart({ ...job, epochs: 2 }, short)).epochs).toHaveLength(2);
  });
});

describe('the configured models', () => {
  const detect = (model: object) => configSchema.parse({ source: { kind: 'stdin' }, detect: { model } }).detect;

  test('the shipped one is sound, and in shadow by default', () => {
    const { models, standings } = readModels(config.detect);
    expect(models?.map(({ used }) => used)).toEqual([false]);
    expect(standings[0].path).toBe(DEFAULT_MODEL);
    expect(readdirSync(DEFAULT_MODEL).sort()).toEqual(['card.json', 'model.json', 'weights.bin']);
    expect(readModel(DEFAULT_MODEL).card.training.losses.length).toBeGreaterThan(10);
  });

  test('a bad one stops the start, or is left out and named while the others stay', () =>
    inFolder(async (dir) => {
      const good = await modelIn(join(dir, 'good'));
      const bad = join(dir, 'bad');
      expect(existsSync(bad)).toBe(false);
      expect(() => readModels(detect({ mode: 'on', path: bad }))).toThrow(/detect\.model: .*no such model/);
      const { models, standings } = readModels(
        detect({ mode: 'on', path: bad, beside: good.folder, onBadModel: 'ignore' }),
      );
      expect(models?.map(({ model, used }) => [model.name, used])).toEqual([['small', false]]);
      expect(standings.map(({ fault }) => fault === undefined)).toEqual([false, true]);
      expect(readFileSync(join(good.folder, 'card.json'), 'utf8')).toContain('"autoencoder"');
    }));

  test('switched off, no file is read', () => {
    expect(readModels(detect({ mode: 'off', path: '/nowhere' }))).toEqual({ models: undefined, standings: [] });
  });
});
