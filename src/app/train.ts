import { basename, join, resolve } from 'node:path';
import type { ModelCard } from '../adapters/model/card';
import { ModelFault } from '../adapters/model/files';
import { readModel } from '../adapters/model/read';
import { heldBy, writeModel } from '../adapters/model/write';
import type { Epoch, TrainingJob } from '../adapters/tensorflow/autoencoder';
import { trainApart } from '../adapters/tensorflow/training';
import { grouped, progress } from '../adapters/terminal';
import type { UsageEvent } from '../domain/event';
import { OperatorError, type RunTrain, type TrainOptions } from '../options';
import { configOf, createReader } from './evaluate/pass';
import { declaredFirst } from './inventory';
import { type AblationInput, ablationOf, ablationText } from './train/ablation';
import { createGathering } from './train/gather';
import { type Made, makeModel } from './train/make';

/**
 * Trains a model on history and writes its folder. What it does is told on `err`; on `out` stands the folder at the
 * end. Throws OperatorError where the data will not do or the folder cannot be written; after an abort nothing is
 * written.
 */
export const runTrain: RunTrain = async (options) => {
  const { terminal, stop, name, out, seed } = options;
  const say = (line: string) => terminal.err.write(`keywatch: ${line}\n`);
  const folder = resolve(join(out, name));
  await refused(() => heldBy(folder));
  const config = configOf(options);
  const declared = await declaredFirst(config, say);
  const gathering = createGathering(config, seed, declared);
  const span = { from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY };
  const bar = progress({ stream: terminal.err as NodeJS.WriteStream, total: 1 });
  let events = 0;
  const take = (slice: readonly UsageEvent[]) => {
    events += slice.length;
    for (const { ts } of slice) {
      if (ts < span.from) span.from = ts;
      if (ts > span.until) span.until = ts;
    }
    gathering.take(slice);
  };
  const reader = createReader(options, config);
  const counts = await reader
    .pass(options.files, take, (share) => bar.update(share, events))
    .finally(() => bar.finish());
  if (events === 0) throw new OperatorError(`${options.files.join(', ')}: no usage event found`);
  const collected = gathering.finish();
  const { looks, dirty, keyDays, allKeys, sampled } = collected;
  say(`${grouped(looks)} windows of ${grouped(keyDays)} days of settled keys in which a detector spoke`);
  if (sampled < allKeys) say(`a sample: ${grouped(sampled)} of ${grouped(allKeys)} keys`);
  say(`${grouped(dirty)} of them lie about alerts and are not trained on`);
  const made = await makeModel(collected, {
    name,
    seed,
    epochs: options.epochs,
    about: aboutOf(options.files, span),
    now: Date.now(),
    counts,
    train: (job) => trainTelling(job, options),
  });
  stop.throwIfAborted();
  const { points, keyDays: heldOut, keys } = made.card.calibration;
  const [, most] = points[points.length - 1];
  say(`calibrated on ${grouped(heldOut)} days of ${grouped(keys)} other keys: surprise up to ${most.toFixed(1)}`);
  const measuring = {
    config,
    declared,
    pass: (see: Parameters<AblationInput['pass']>[0]) => reader.pass(options.files, see),
  };
  const ablation =
    options.ablation > 0 ? await measured(made, options, measuring, say) : keptAblation(folder, made.card);
  stop.throwIfAborted();
  await refused(() => writeModel(folder, made.layers, { ...made.card, ablation: [...ablation] }));
  terminal.out.write(`${folder}\n`);
};

type Ablation = ModelCard['ablation'];

async function measured(
  { layers, card, heldOut }: Made,
  { seed, ablation: thefts }: TrainOptions,
  given: Pick<AblationInput, 'config' | 'declared' | 'pass'>,
  say: (line: string) => void,
): Promise<Ablation> {
  const model = { name: card.name, layers, calibration: card.calibration.points };
  const found = await ablationOf({ ...given, model, heldOut, seed, thefts, now: Date.now() });
  if (found === undefined) {
    say('its worth is not measured: no theft can be grafted into this log (see keywatch evaluate --inject)');
    return [];
  }
  for (const line of ablationText(found)) say(line);
  return [found];
}

/** What was measured of a model stays true of the same weights. */
function keptAblation(folder: string, { weights }: ModelCard): Ablation {
  try {
    const { card } = readModel(folder);
    return card.weights.sha256 === weights.sha256 ? card.ablation : [];
  } catch (error) {
    if (error instanceof ModelFault) return [];
    throw error;
  }
}

/** A wall clock is for people here: how long it will take. */
async function trainTelling(job: TrainingJob, { terminal, stop, backend }: TrainOptions) {
  let used = '';
  const begun = Date.now();
  const onEpoch = ({ epoch, loss, validationLoss }: Epoch) => {
    const left = ((Date.now() - begun) / epoch) * (job.epochs - epoch);
    const text = `epoch ${epoch} of at most ${job.epochs}, loss ${loss.toPrecision(3)}, validation ${validationLoss.toPrecision(3)}, at most ${Math.ceil(left / 1000)} s left`;
    if (terminal.errIsTty) terminal.err.write(`\r\x1b[K${text}`);
    else if (epoch % 10 === 0) terminal.err.write(`keywatch: ${text}\n`);
  };
  const onBackend = (text: string) => {
    used = text;
    terminal.err.write(`keywatch: ${text}\n`);
  };
  try {
    const trained = await trainApart(job, { prefer: backend, stop, onBackend, onEpoch });
    return { trained, backend: used.slice(0, 200) };
  } finally {
    if (terminal.errIsTty) terminal.err.write('\r\x1b[K');
  }
}

function aboutOf(files: readonly string[], { from, until }: { from: number; until: number }): string {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const what = files.length === 1 ? basename(files[0]) : `${files.length} files`;
  return `${what.slice(0, 200)}, ${day(from)} to ${day(until)}`;
}

/** What a folder is wrong about is the operator's to mend. */
async function refused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModelFault) throw new OperatorError(error.message);
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (typeof code === 'string') throw new OperatorError(`the model cannot be written (${code})`);
    throw error;
  }
}
