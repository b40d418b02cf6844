import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Epoch, Trained, TrainingJob } from './autoencoder';
import type { BackendName } from './backend';

export type TrainingMessage =
  | { readonly kind: 'backend'; readonly backend: string }
  | { readonly kind: 'epoch'; readonly epoch: Epoch }
  | { readonly kind: 'trained'; readonly trained: Trained };

export interface TrainingOptions {
  readonly prefer: BackendName;
  readonly stop: AbortSignal;
  readonly onBackend: (backend: string) => void;
  readonly onEpoch: (epoch: Epoch) => void;
  /** Options of Node for the thread; those of this process where absent. */
  readonly execArgv?: readonly string[];
}

/**
 * Trains in a thread of its own, so that the caller's stays free. An abort ends the thread within an operation and
 * rejects with the signal's reason; a fault in the thread rejects with it.
 */
export async function trainApart(job: TrainingJob, options: TrainingOptions): Promise<Trained> {
  const { prefer, stop, onBackend, onEpoch, execArgv } = options;
  stop.throwIfAborted();
  const worker = new Worker(join(__dirname, `worker${extname(__filename)}`), {
    workerData: { job, prefer },
    ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
  });
  const onAbort = () => void worker.terminate();
  stop.addEventListener('abort', onAbort);
  try {
    return await new Promise<Trained>((resolve, reject) => {
      worker.on('message', (message: TrainingMessage) => {
        if (message.kind === 'backend') onBackend(message.backend);
        else if (message.kind === 'epoch') onEpoch(message.epoch);
        else resolve(message.trained);
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        reject(stop.aborted ? stop.reason : new Error(`training ended with code ${code} and no model`));
      });
    });
  } finally {
    stop.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
