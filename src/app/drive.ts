import type { Log } from '../adapters/log';
import type { Clock, Source } from '../ports';
import type { Runtime } from '../runtime';
import type { Patience } from './patience';

export interface Drive {
  readonly source: Source;
  readonly runtime: Pick<Runtime, 'slice' | 'assigned' | 'revoked' | 'tick' | 'close'>;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly patience: Patience;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Called every `tickMs`, before the ticks. */
  readonly beforeTick: () => void | Promise<void>;
  /** Called every second. */
  readonly look: () => void;
}

/** Between two looks at quiet partitions and reports of active keys. */
const TICK_MS = 5_000;
const LOOK_MS = 1_000;
/** At a stop the slice in progress gets this long; what is not durable by then comes again after the next start. */
export const STOP_MS = 5_000;

/**
 * Runs the source until it ends or a stop is asked for, with ticks beside it; then checkpoints. Answers false when a stop
 * left something undone that comes again after the next start. Rejects on a fault that needs a restart, with the source
 * stopped.
 */
export async function drive(parts: Drive): Promise<boolean> {
  const { source, runtime, clock, stop, patience, log } = parts;
  if (stop.aborted) return true;
  const ended = new AbortController();
  const every = async (ms: number, work: () => void | Promise<void>) => {
    for (;;) {
      await clock.sleep(ms, ended.signal);
      if (ended.signal.aborted) return;
      await work();
    }
  };
  const halt = () =>
    patience
      .limit(source.stop(), STOP_MS)
      .catch((error) => log.error({ error: error instanceof Error ? error.message : String(error) }, 'while stopping'));
  const asked = () => {
    log.info('stopping: the slice in progress is finished first');
    void halt();
  };
  stop.addEventListener('abort', asked, { once: true });
  const beside = Promise.all([
    every(TICK_MS, async () => {
      await parts.beforeTick();
      await runtime.tick();
    }),
    every(LOOK_MS, parts.look),
  ]);
  try {
    await Promise.race([source.run(runtime), beside.then(() => new Promise<never>(() => undefined))]);
    ended.abort();
    await beside;
    await runtime.close();
    return true;
  } catch (error) {
    ended.abort();
    await halt();
    if (!patience.ended()) throw error;
    log.warn('stopped with the outbox full: what was not durable is done again after the next start');
    return false;
  } finally {
    ended.abort();
    stop.removeEventListener('abort', asked);
  }
}
