import type { AlertSink, Clock, Telemetry } from '../../ports';
import { RetryLater } from '../retry-later';
import type { Outbox } from './outbox';

/** A receiver may ask for a longer wait than our own ones, up to this. */
const LONGEST_ASKED_MS = 300_000;

export interface CourierOptions {
  readonly outbox: Outbox;
  readonly sink: AlertSink;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number;
  /** Most documents of one write. Default 500. */
  readonly batch?: number;
  /** Waits between attempts grow from `firstWaitMs` (default 500) by doubling to `longestWaitMs` (default 60,000). */
  readonly firstWaitMs?: number;
  readonly longestWaitMs?: number;
  /** Told of each failed attempt, for the log. */
  readonly onFault?: (sink: string, error: unknown, waitMs: number) => void;
}

/** Carries the documents of an outbox to one sink, in order, for as long as it takes. */
export interface Courier {
  readonly sink: string;
  /** Undefined when all is well, else what is wrong and for how many attempts. */
  problem(): string | undefined;
  /**
   * Resolves with true when the sink has acknowledged everything that was in the outbox at the call, with false when
   * the courier is stopped before.
   */
  drained(): Promise<boolean>;
  /** Finishes the write in flight (one attempt) and its acknowledgement; what is left waits in the outbox. */
  stop(): Promise<void>;
}

/**
 * Starts a courier. A write that fails is tried again with the same documents after an exponentially growing wait with
 * jitter (between half and all of it; longer where the receiver asked for it), without end: nothing is dropped, and
 * nothing but this sink waits.
 */
export function startCourier(options: CourierOptions): Courier {
  const { outbox, sink, clock, telemetry, random } = options;
  const { batch = 500, firstWaitMs = 500, longestWaitMs = 60_000 } = options;
  const stopping = new AbortController();
  let failures = 0;
  let fault: string | undefined;
  let wake: () => void = () => {};
  let waiters: { readonly position: number; readonly resolve: (drained: boolean) => void }[] = [];

  const endListening = outbox.onAppend(() => {
    telemetry.outbox(outbox.bytes());
    wake();
  });

  function settle(): void {
    const at = outbox.acknowledged(sink.name);
    const done = waiters.filter((waiter) => waiter.position <= at);
    waiters = waiters.filter((waiter) => waiter.position > at);
    for (const waiter of done) waiter.resolve(true);
  }

  /** One attempt after the other until one succeeds; undefined when stopped before. */
  async function persist<T>(attempt: () => Promise<T>, count: number): Promise<T | undefined> {
    while (!stopping.signal.aborted) {
      try {
        const result = await attempt();
        failures = 0;
        fault = undefined;
        return result;
      } catch (error) {
        failures += 1;
        fault = error instanceof Error ? error.message : String(error);
        const own = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + random() / 2);
        const asked = error instanceof RetryLater ? Math.min(error.retryAfterMs, LONGEST_ASKED_MS) : 0;
        const wait = Math.max(own, asked);
        telemetry.delivery(sink.name, 'retried', count);
        options.onFault?.(sink.name, error, wait);
        await clock.sleep(wait, stopping.signal);
      }
    }
    return undefined;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let appended = false;
      const more = new Promise<void>((resolve) => {
        wake = () => {
          appended = true;
          resolve();
        };
      });
      const asOf = outbox.forgotten();
      const read = await persist(() => outbox.read(sink.name, batch), 0);
      if (read === undefined) return;
      const { documents, position } = read;
      if (documents.length === 0 && position > outbox.acknowledged(sink.name)) {
        await acknowledge(position);
        continue;
      }
      if (documents.length === 0) {
        settle();
        if (!appended && !stopping.signal.aborted) await more;
        continue;
      }
      const written = await persist(async () => {
        // Some of these may have been forgotten while the sink was down.
        if (outbox.forgotten() !== asOf) return false;
        await sink.write(documents);
        return true;
      }, documents.length);
      if (written === undefined) return;
      if (!written) continue;
      telemetry.delivery(sink.name, 'written', documents.length);
      await acknowledge(position);
    }
  }

  /** Also when a stop came meanwhile: what the receiver has, need not be sent again. */
  async function acknowledge(position: number): Promise<void> {
    try {
      await outbox.acknowledge(sink.name, position);
    } catch {
      // The position is set; only its file is behind. A crash now repeats documents, the next one writes the file.
    }
    telemetry.outbox(outbox.bytes());
    settle();
  }

  const running = run().finally(() => {
    endListening();
    for (const waiter of waiters.splice(0)) waiter.resolve(false);
  });

  return {
    sink: sink.name,
    problem: () => (fault === undefined ? undefined : `${sink.name}: ${fault} (${failures} failed attempts)`),
    drained() {
      const position = outbox.end();
      if (outbox.acknowledged(sink.name) >= position) return Promise.resolve(true);
      if (stopping.signal.aborted) return running.then(() => outbox.acknowledged(sink.name) >= position);
      return new Promise((resolve) => waiters.push({ position, resolve }));
    },
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}
