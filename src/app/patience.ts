import { OperatorError } from '../options';
import type { Clock } from '../ports';

/**
 * A stop must end although what is waited for (room in a full outbox) may never come. While there is patience, waiting
 * goes on; when it has ended, everything that is guarded rejects: it was not durable, so nothing follows from it, and
 * it comes again, with the same ids, after the next start.
 */
export interface Patience {
  guard<T>(work: () => Promise<T>): Promise<T>;
  /** Waits for `work`; after `ms` milliseconds patience ends, for all. */
  limit<T>(work: Promise<T>, ms: number): Promise<T>;
  ended(): boolean;
}

export function createPatience(clock: Clock): Patience {
  const end = new AbortController();
  let give: (error: Error) => void = () => undefined;
  const given = new Promise<never>((_, reject) => {
    give = reject;
  });
  given.catch(() => undefined);
  return {
    guard: (work) => (end.signal.aborted ? given : Promise.race([work(), given])),
    async limit(work, ms) {
      const done = new AbortController();
      void clock.sleep(ms, done.signal).then(() => {
        if (done.signal.aborted) return;
        end.abort();
        give(new OperatorError('stopped while alerts waited for room in the outbox'));
      });
      try {
        return await work;
      } finally {
        done.abort();
      }
    },
    ended: () => end.signal.aborted,
  };
}
