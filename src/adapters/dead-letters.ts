import type { DeadLetter } from '../domain/rejection';
import type { Clock, DeadLetterSink, Telemetry } from '../ports';

export interface DeadLetterGateOptions {
  readonly sinks: readonly DeadLetterSink[];
  /** At most this many letters a second are written; the others are only counted. */
  readonly perSecond: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** A sink that has not answered after this long is left behind until it does. Default 5,000 milliseconds. */
  readonly patienceMs?: number;
  readonly onFault?: (sink: string, error: unknown) => void;
}

/** Stands between the stream and the dead-letter sinks, so that bad records cannot flood or stop anything. */
export interface DeadLetterGate {
  /**
   * Resolves when every sink has written the letters, has failed, or has run out of patience. Never rejects. A letter
   * counts as written when at least one sink has it, else as suppressed.
   */
  offer(letters: readonly DeadLetter[]): Promise<void>;
  /** The sinks that fail or do not answer, for `/readyz`. */
  problem(): string | undefined;
  close(): Promise<void>;
}

export function createDeadLetterGate(options: DeadLetterGateOptions): DeadLetterGate {
  const { sinks, perSecond, clock, telemetry, patienceMs = 5_000 } = options;
  const faults = new Map<string, string>();
  /** Sinks with a write in flight: they get nothing more, so that nothing piles up in front of them. */
  const busy = new Set<DeadLetterSink>();
  let second = Number.NaN;
  let room = 0;

  function admit(count: number): number {
    const now = Math.floor(clock.now() / 1_000);
    if (now !== second) {
      second = now;
      room = perSecond;
    }
    const admitted = Math.min(count, room);
    room -= admitted;
    return admitted;
  }

  async function attempt(sink: DeadLetterSink, letters: readonly DeadLetter[]): Promise<boolean> {
    busy.add(sink);
    try {
      await sink.write(letters);
      faults.delete(sink.name);
      return true;
    } catch (error) {
      faults.set(sink.name, error instanceof Error ? error.message : String(error));
      options.onFault?.(sink.name, error);
      return false;
    } finally {
      busy.delete(sink);
    }
  }

  async function send(sink: DeadLetterSink, letters: readonly DeadLetter[]): Promise<boolean> {
    if (busy.has(sink)) {
      telemetry.delivery(sink.name, 'failed', letters.length);
      return false;
    }
    const answered = new AbortController();
    const late = clock.sleep(patienceMs, answered.signal).then(() => {
      if (!answered.signal.aborted) faults.set(sink.name, `no answer within ${patienceMs} ms`);
      return false;
    });
    const written = await Promise.race([attempt(sink, letters), late]);
    answered.abort();
    telemetry.delivery(sink.name, written ? 'written' : 'failed', letters.length);
    return written;
  }

  return {
    async offer(letters) {
      const admitted = letters.slice(0, admit(letters.length));
      let written = 0;
      if (admitted.length > 0) {
        const results = await Promise.all(sinks.map((sink) => send(sink, admitted)));
        if (results.includes(true)) written = admitted.length;
      }
      if (written > 0) telemetry.deadLetters('written', written);
      if (letters.length > written) telemetry.deadLetters('suppressed', letters.length - written);
    },
    problem() {
      if (faults.size === 0) return undefined;
      return [...faults].map(([sink, fault]) => `dead letters to ${sink}: ${fault}`).join('; ');
    },
    async close() {
      await Promise.all(
        sinks.map((sink) => sink.close().catch((error) => options.onFault?.(sink.name, error) ?? undefined)),
      );
    },
  };
}
