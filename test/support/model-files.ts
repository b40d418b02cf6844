import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelCard } from '../../src/adapters/model/card';
import { type CardFacts, cardOf, writeModel } from '../../src/adapters/model/write';
import { initialLayers } from '../../src/adapters/tensorflow/autoencoder';
import { FEATURES } from '../../src/detect/model/features';
import type { Layer } from '../../src/stats/network';

export const someFacts: CardFacts = {
  name: 'small',
  calibration: {
    keyDays: 1_000,
    keys: 30,
    points: [
      [0.001, 0.5],
      [0.01, 2],
      [0.1, 4],
    ],
  },
  data: {
    sha256: '0'.repeat(64),
    about: 'made for a test',
    events: 1,
    keys: 1,
    keyDays: 1,
    looks: 1,
    dirty: 0,
    trained: 1,
    validated: 1,
    dirtyShare: 0,
  },
  training: {
    seed: 1,
    backend: 'cpu',
    date: '2026-01-05T00:00:00Z',
    bestEpoch: 1,
    startLoss: 1,
    losses: [[1, 1]],
  },
  ablation: [],
};

/** An untrained net in a folder of its own: enough for everything but its worth. */
export async function modelIn(
  folder: string,
  seed = 1,
): Promise<{ folder: string; layers: readonly Layer[]; card: ModelCard }> {
  const layers = initialLayers(FEATURES, [7, 3, 7], seed);
  const card = cardOf(layers, someFacts);
  await writeModel(folder, layers, card);
  return { folder, layers, card };
}

/** Runs with a folder that is gone afterwards. */
export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'keywatch-model-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
