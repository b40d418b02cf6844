import { trainAutoencoder } from '../src/adapters/tensorflow/autoencoder';
import { loadBackend } from '../src/adapters/tensorflow/backend';
import { type Collected, keyHash } from '../src/app/train/collect';
import { createGathering } from '../src/app/train/gather';
import { makeModel } from '../src/app/train/make';
import type { Config } from '../src/config';
import type { Model } from '../src/detect/model';
import type { UsageEvent } from '../src/domain/event';

const FOLDS = 5;
const SEED = 1;

/** A model, and the keys that it was not made of. */
export interface OwnModel {
  readonly model: Model;
  readonly fresh: (key: string) => boolean;
}

/**
 * Models made of the very logs that are judged, as `keywatch train` makes them: the keys are dealt into five folds, and the
 * model of a fold is made of the other folds' keys. The thefts are in the logs, as they would be; hours about alerts are
 * not trained on.
 */
export async function ownModels(
  config: Config,
  logs: readonly ((see: (events: readonly UsageEvent[]) => void) => Promise<unknown>)[],
): Promise<readonly OwnModel[]> {
  const all: Collected[] = [];
  for (const pass of logs) {
    const gathering = createGathering(config, SEED);
    await pass((events) => gathering.take(events));
    all.push(gathering.finish());
  }
  const backend = await loadBackend('cpu');
  const models: OwnModel[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const { layers, card } = await makeModel(without(all, fold), {
      name: `fold-${fold}`,
      seed: SEED,
      epochs: 200,
      about: 'the other folds',
      now: 0,
      counts: { lines: 1, rejected: 0 },
      train: async (job) => ({ trained: await trainAutoencoder(backend, job, () => true), backend: backend.name }),
    });
    const model = { name: card.name, layers, calibration: card.calibration.points };
    models.push({ model, fresh: (key) => foldOf(keyHash(key, SEED)) === fold });
  }
  return models;
}

const foldOf = (hash: number): number => (hash >>> 0) % FOLDS;

function without(all: readonly Collected[], fold: number): Collected {
  const keys = all.flatMap((one) => one.keys.filter(({ hash }) => foldOf(hash) !== fold));
  keys.sort((a, b) => a.hash - b.hash);
  const sum = (of: (key: Collected['keys'][number]) => number) => keys.reduce((total, key) => total + of(key), 0);
  return {
    keys,
    looks: sum(({ days }) => days.length),
    dirty: sum(({ dirty }) => dirty.reduce((total, flag) => total + flag, 0)),
    keyDays: sum(({ keyDays }) => keyDays),
    events: all.reduce((total, { events }) => total + events, 0),
    allKeys: keys.length,
    sampled: keys.length,
  };
}
