import { asTensorFlow, initialLayers, trainAutoencoder } from '../../src/adapters/tensorflow/autoencoder';
import { type BackendName, loadBackend } from '../../src/adapters/tensorflow/backend';
import { FEATURES } from '../../src/detect/model/features';
import { createJudge } from '../../src/detect/model/judge';
import { random } from '../../src/simulate/random';
import { median } from '../support/figures';

/** One runtime in a process of its own, so that its start and its memory are its own: `bench/model/main.ts` starts it. */
export interface RuntimeJob {
  readonly name: 'plain' | BackendName;
  readonly hidden: readonly number[];
  readonly batches: readonly number[];
  readonly rounds: number;
}

export interface RuntimeFigures {
  /** Undefined where the runtime is not here; `why` says why. */
  readonly version: string | undefined;
  readonly why: string;
  /** Milliseconds from nothing of TensorFlow.js loaded to the first score. */
  readonly start: number;
  /** What the process grew by until after the measurement, bytes of resident memory. */
  readonly memory: number;
  /** For each batch, microseconds of CPU time a window in each round, helper threads included. */
  readonly costs: readonly (readonly number[])[];
  /** Microseconds of CPU time a window and epoch of training, batches of 64. */
  readonly training: number | undefined;
}

/** Calls of one round: some tenths of a second of them, since the first are slow and one alone says nothing. */
const ROUND_MS = 250;
const TRAINING = { vectors: 8192, epochs: 3, batch: 64 };

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** CPU time of this process so far, microseconds: other work on the machine counts less than in wall time. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Windows as they are: most detectors silent, a few surprised. */
function windows(count: number): Float32Array {
  const rng = random('bench model');
  return Float32Array.from({ length: count * FEATURES }, () => (rng.next() < 0.8 ? 0 : rng.next()));
}

/** Microseconds of CPU time a window in each round; `score` scores `batch` windows. */
function measure(batch: number, rounds: number, score: () => unknown): number[] {
  const costs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const end = now() + ROUND_MS;
    const before = used();
    let calls = 0;
    while (now() < end) {
      score();
      calls++;
    }
    if (round > 0) costs.push((used() - before) / (calls * batch));
  }
  return costs;
}

function plain({ hidden, batches, rounds }: RuntimeJob): RuntimeFigures {
  const before = process.memoryUsage().rss;
  const begun = now();
  const judge = createJudge({ layers: initialLayers(FEATURES, hidden, 1) });
  const one = windows(1);
  judge(one);
  const start = now() - begun;
  const costs = batches.map((batch) => {
    const rows = windows(batch);
    const vectors = Array.from({ length: batch }, (_, i) => rows.subarray(i * FEATURES, (i + 1) * FEATURES));
    return measure(batch, rounds, () => vectors.forEach(judge));
  });
  const memory = process.memoryUsage().rss - before;
  return { version: process.version, why: '', start, memory, costs, training: undefined };
}

async function tensorflow(job: RuntimeJob & { readonly name: BackendName }): Promise<RuntimeFigures> {
  const before = process.memoryUsage().rss;
  const begun = now();
  const backend = await loadBackend(job.name);
  if (backend.name !== job.name) {
    const why = backend.skipped.map(({ reason }) => reason).join('; ');
    return { version: undefined, why, start: 0, memory: 0, costs: [], training: undefined };
  }
  const { tf } = backend;
  const model = asTensorFlow(tf, initialLayers(FEATURES, job.hidden, 1), FEATURES);
  const predict = (rows: Float32Array): Float32Array =>
    tf.tidy(() => {
      const input = tf.tensor2d(rows, [rows.length / FEATURES, FEATURES]);
      return (model.predictOnBatch(input) as typeof input).dataSync() as Float32Array;
    });
  predict(windows(1));
  const start = now() - begun;
  const costs = job.batches.map((batch) => {
    const rows = windows(batch);
    return measure(batch, job.rounds, () => predict(rows));
  });
  const memory = process.memoryUsage().rss - before;
  const training = await trainingCost(job, backend);
  return { version: backend.version, why: '', start, memory, costs, training };
}

async function trainingCost(job: RuntimeJob, backend: Awaited<ReturnType<typeof loadBackend>>): Promise<number> {
  const { vectors, epochs, batch } = TRAINING;
  const train = windows(vectors);
  const settings = { hidden: job.hidden, seed: 1, epochs, patience: epochs, batch, rate: 0.001 };
  const times: number[] = [];
  let before = used();
  await trainAutoencoder(backend, { ...settings, features: FEATURES, train, validation: windows(64) }, () => {
    times.push(used() - before);
    before = used();
    return true;
  });
  return median(times) / vectors;
}

async function main(): Promise<void> {
  const job = JSON.parse(process.argv[2]) as RuntimeJob;
  const { name } = job;
  const figures = name === 'plain' ? plain(job) : await tensorflow({ ...job, name });
  process.stdout.write(JSON.stringify(figures));
}

void main();
