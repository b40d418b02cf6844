import type { Clock, Telemetry } from '../../src/ports';

export interface ManualClock extends Clock {
  /** Moves time on and wakes who slept until then, each with time to go on. */
  advance(ms: number): Promise<void>;
  /** What is being slept for now, milliseconds left. */
  sleeping(): number[];
}

/** A clock that stands still until it is moved. */
export function manualClock(start = 0): ManualClock {
  let now = start;
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          resolve();
        });
      });
    },
    async advance(ms) {
      now += ms;
      const due = sleepers.filter((sleeper) => sleeper.until <= now);
      sleepers = sleepers.filter((sleeper) => sleeper.until > now);
      for (const sleeper of due) sleeper.wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
    sleeping: () => sleepers.map((sleeper) => sleeper.until - now),
  };
}

export interface Counted {
  readonly name: string;
  readonly values: readonly unknown[];
}

/** A telemetry that keeps the calls made. */
export function countingTelemetry(): Telemetry & { readonly calls: Counted[] } {
  const calls: Counted[] = [];
  return new Proxy({ calls } as unknown as Telemetry & { readonly calls: Counted[] }, {
    get(target, name) {
      if (name === 'calls') return target.calls;
      return (...values: unknown[]) => {
        calls.push({ name: String(name), values });
      };
    },
  });
}

/** Resolves when the condition holds, looked at every few milliseconds of real time; the test's own limit ends it. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
