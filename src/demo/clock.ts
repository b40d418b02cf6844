import type { Clock } from '../ports';

/** The simulation's time. It stands still until it is moved; whoever sleeps until then wakes in order of due time. */
export interface SimulationClock extends Clock {
  /** Moves the time to `ms` (never back) and wakes those whose time has come. */
  moveTo(ms: number): void;
}

export function createSimulationClock(start: number): SimulationClock {
  let now = start;
  let sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = {
          at: now + ms,
          wake: () => {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
        };
        const leave = () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          resolve();
        };
        signal?.addEventListener('abort', leave, { once: true });
        sleepers.push(sleeper);
      });
    },
    moveTo(ms) {
      if (ms <= now) return;
      now = ms;
      const due = sleepers.filter((sleeper) => sleeper.at <= now).sort((a, b) => a.at - b.at);
      if (due.length === 0) return;
      sleepers = sleepers.filter((sleeper) => sleeper.at > now);
      for (const sleeper of due) sleeper.wake();
    },
  };
}
