import { createHash } from 'node:crypto';
import type { ModelCard } from '../../adapters/model/card';
import { type CardFacts, cardOf } from '../../adapters/model/write';
import type { Epoch, Trained, TrainingJob } from '../../adapters/tensorflow/autoencoder';
import { FEATURES } from '../../detect/model/features';
import { OperatorError } from '../../options';
import type { Layer } from '../../stats/network';
import type { Collected } from './collect';
import { calibrationOf, type Parts, partsOf } from './fit';
import { refuseUnfit } from './refuse';

/** One hidden layer: on all that was tried, more of them rebuilt worse and found no more. */
const HIDDEN = [8];
const BATCH = 64;
const RATE = 0.003;
const PATIENCE = 10;

export interface Making {
  readonly name: string;
  readonly seed: number;
  readonly epochs: number;
  /** Of the data, for people: `2 files, 2026-01-05 to 2026-02-01`. */
  readonly about: string;
  /** Wall clock at the start, milliseconds. */
  readonly now: number;
  readonly counts: { readonly lines: number; readonly rejected: number };
  /** Trains the job, in a thread or not. */
  readonly train: (job: TrainingJob) => Promise<{ readonly trained: Trained; readonly backend: string }>;
}

export interface Made {
  readonly layers: readonly Layer[];
  readonly card: ModelCard;
  /** Hashes of the keys that it was neither trained on nor stopped by. */
  readonly heldOut: ReadonlySet<number>;
}

/**
 * A model of what was gathered: divided by key, trained, calibrated. Throws OperatorError, with every reason, where the data
 * will not do, where training does not get better than it began, and where too few key-days are left to calibrate on.
 */
export async function makeModel(collected: Collected, making: Making): Promise<Made> {
  const parts = partsOf(collected);
  refuseUnfit(collected, parts, making.counts);
  const { seed, epochs } = making;
  const { train, validation } = parts;
  const job = { features: FEATURES, train, validation, hidden: HIDDEN, seed, epochs, batch: BATCH };
  const { trained, backend } = await making.train({ ...job, rate: RATE, patience: PATIENCE });
  if (trained.bestEpoch === 0) throw new OperatorError('training did not lower the validation loss: no model is made');
  const calibration = calibrationOf(trained.layers, parts.heldOut);
  if (calibration === undefined)
    throw new OperatorError('too few key-days with a window are left to calibrate on: a longer log, or more keys');
  const facts: CardFacts = {
    name: making.name,
    calibration: {
      keyDays: calibration.keyDays,
      keys: parts.heldOut.length,
      points: calibration.points.map(([error, surprise]) => [error, surprise]),
    },
    data: dataOf(collected, parts, making.about),
    training: {
      seed,
      backend,
      date: new Date(making.now).toISOString(),
      bestEpoch: trained.bestEpoch,
      startLoss: round(trained.startLoss),
      losses: trained.epochs.map(({ loss, validationLoss }: Epoch) => [round(loss), round(validationLoss)]),
    },
    ablation: [],
  };
  const heldOut = new Set(parts.heldOut.map(({ hash }) => hash));
  return { layers: trained.layers, card: cardOf(trained.layers, facts), heldOut };
}

function dataOf(collected: Collected, { train, validation, heldOut }: Parts, about: string): ModelCard['data'] {
  const digest = createHash('sha256');
  for (const vectors of [train, validation, ...heldOut.map((key) => key.vectors)]) digest.update(vectors);
  const { events, allKeys, keyDays, looks, dirty } = collected;
  return {
    sha256: digest.digest('hex'),
    about,
    events,
    keys: allKeys,
    keyDays,
    looks,
    dirty,
    trained: train.length / FEATURES,
    validated: validation.length / FEATURES,
    dirtyShare: looks === 0 ? 0 : round(dirty / looks),
  };
}

const round = (value: number): number => Number(value.toPrecision(6));
