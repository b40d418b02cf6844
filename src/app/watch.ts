import type { Part } from '../adapters/http';
import type { Log } from '../adapters/log';

/**
 * Says in the log what `/readyz` says, once when a part goes bad and once when it is well again: who waits for a broker
 * or a receiver that is down learns of it without asking. Answers the look to be taken every now and then.
 */
export function watchParts(parts: () => readonly Part[], log: Pick<Log, 'info' | 'warn'>): () => void {
  const bad = new Set<string>();
  return () => {
    for (const { name, problem } of parts()) {
      const found = problem();
      if (found !== undefined && !bad.has(name)) {
        bad.add(name);
        log.warn({ part: name, problem: found }, 'not ready; it is tried again');
      } else if (found === undefined && bad.delete(name)) log.info({ part: name }, 'ready again');
    }
  };
}
