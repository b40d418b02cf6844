import type { Clock } from '../../src/ports';

export interface VirtualClock extends Clock {
  /**
   * Moves time on by `ms`, waking sleepers in the order of their times. Before time moves and after each waking,
   * `settle` lets what is under way come to rest; by default everything that needs no real I/O.
   */
  advance(ms: number, settle?: () => Promise<void>): Promise<void>;
  /** Sleepers that wait. */
  sleepers(): number;
}

/** Lets all promises that are ready run, and those that become ready by it. */
export async function turnOver(turns = 3): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock that stands still until a test moves it. */
export function createVirtualClock(start: number): VirtualClock {
  let now = start;
  let serial = 0;
  const timers = new Map<number, { at: number; wake: () => void }>();

  const next = (until: number) => {
    let found: { id: number; at: number; wake: () => void } | undefined;
    for (const [id, timer] of timers) {
      if (timer.at <= until && (found === undefined || timer.at < found.at)) found = { id, ...timer };
    }
    return found;
  };

  return {
    now: () => now,
    sleepers: () => timers.size,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        serial += 1;
        const id = serial;
        const wake = () => {
          timers.delete(id);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        timers.set(id, { at: now + Math.max(0, ms), wake });
        signal?.addEventListener('abort', wake);
      });
    },
    async advance(ms, settle = turnOver) {
      const end = now + ms;
      await settle();
      for (let timer = next(end); timer !== undefined; timer = next(end)) {
        now = Math.max(now, timer.at);
        timer.wake();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}
