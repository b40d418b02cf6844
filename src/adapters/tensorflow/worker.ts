import { parentPort, workerData } from 'node:worker_threads';
import { type TrainingJob, trainAutoencoder } from './autoencoder';
import { type BackendName, describeBackend, loadBackend } from './backend';
import type { TrainingMessage } from './training';

/** The other end of `training.ts`: one job, then the thread ends. */
const tell = (message: TrainingMessage) => parentPort?.postMessage(message);

async function work({ job, prefer }: { job: TrainingJob; prefer: BackendName }): Promise<void> {
  const backend = await loadBackend(prefer);
  tell({ kind: 'backend', backend: describeBackend(backend) });
  const trained = await trainAutoencoder(backend, job, (epoch) => {
    tell({ kind: 'epoch', epoch });
    return true;
  });
  tell({ kind: 'trained', trained });
}

// A rejection reaches the parent as the thread's `error`.
void work(workerData);
