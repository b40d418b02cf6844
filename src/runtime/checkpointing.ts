import type { Clock } from '../ports';
import type { Partition } from './partition';
import type { RuntimeParts } from './parts';
import { tellState } from './told';

/** Wall time for which steps are taken before the process may do something else, milliseconds. */
const AT_A_STRETCH_MS = 5;

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Takes the steps one after another, the process being free for other work every few milliseconds. */
export async function inSteps<T>(steps: Generator<unknown, T>, clock: Clock): Promise<T> {
  for (let since = clock.now(); ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    if (clock.now() - since < AT_A_STRETCH_MS) continue;
    await breathe();
    since = clock.now();
  }
}

/** True when the time or the records since the last checkpoint say that another one is wanted. */
export function wantsCheckpoint(partition: Partition, now: number, parts: RuntimeParts): boolean {
  if (partition.saving !== undefined) return false;
  if (now - partition.lastCheckpointAt >= parts.checkpointEveryMs) return true;
  return partition.engine.next - partition.savedNext >= parts.checkpointEveryRecords;
}

/**
 * Copies the state, in which time the partition must stand still; `written` resolves when the copy is durable and rejects
 * when it could not be written. Journal entries before it are given up with it.
 */
export async function checkpoint(
  partition: Partition,
  parts: RuntimeParts,
): Promise<{ readonly written: Promise<void> }> {
  const { checkpoints, journal, telemetry, clock } = parts;
  const { engine, id } = partition;
  const startedAt = clock.now();
  partition.lastCheckpointAt = startedAt;
  partition.savedNext = engine.next;
  const { next } = engine;
  const pieces = await inSteps(engine.freeze(), clock);
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  tellState(parts, id, engine);
  const written = checkpoints
    .save(id, { next, pieces })
    .then(() => journal.prune(id, next))
    .then(() => {
      telemetry.checkpoint((clock.now() - startedAt) / 1000, bytes);
      telemetry.checkpointed(id, startedAt);
    })
    .finally(() => {
      partition.saving = undefined;
    });
  partition.saving = written;
  // Whoever waits for it hears of a failure; nobody else need.
  written.catch(() => undefined);
  return { written };
}
