import type { AlertSink, Clock, Telemetry } from '../../ports';
import { createTurns } from '../turns';
import { createUnfinished } from '../unfinished';
import { emptyRoutingState, nextDue, plan, type Routing, type RoutingState } from './plan';
import type { RoutingStore } from './store';
import type { Maintenance } from './windows';

export interface RoutedSinkOptions {
  readonly sink: AlertSink;
  readonly routing: Routing;
  readonly maintenance: Maintenance;
  readonly store: RoutingStore;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'delivery'>;
  /** Told of a summary that could not be written at its time; it is tried again every minute and with the next write. */
  readonly onFault?: (sink: string, error: unknown) => void;
}

const RETRY_MS = 60_000;
/** Timers reach no further than 24 days; nothing is lost by looking once a day. */
const LONGEST_SLEEP_MS = 86_400_000;

/**
 * A sink that takes only what its output wants, under its own name. What a limit or a window keeps back is counted, and
 * the count is on disk when `write` resolves; what `write` rejects with is the sink's own error, and nothing is counted.
 * A summary goes out with the first write after it is due, or by itself. After `close` none does: it is due at the next
 * start.
 */
export function createRoutedSink(options: RoutedSinkOptions): AlertSink {
  const { sink, routing, maintenance, store, clock, telemetry, onFault } = options;
  const rules = { ...routing, maintenance, output: sink.name };
  const inTurn = createTurns();
  /** What the sink took before the count of it could not be saved: a full disk must not say it all again and again. */
  const unfinished = createUnfinished();
  let state: RoutingState = emptyRoutingState;
  let loaded = false;
  let closed = false;
  let sleeping = new AbortController();

  async function take(documents: Parameters<AlertSink['write']>[0]): Promise<void> {
    if (!loaded) {
      state = await store.load();
      loaded = true;
    }
    const { out, withheld, next } = plan(state, documents, clock.now(), rules);
    const rest = unfinished.rest(out);
    if (rest.length > 0) {
      await sink.write(rest);
      unfinished.have(rest);
    }
    if (next !== state) {
      await store.save(next);
      state = next;
    }
    // A summary by itself ends no write of the courier's that is still to come again.
    if (documents.length > 0) unfinished.finish();
    if (withheld > 0) telemetry.delivery(sink.name, 'withheld', withheld);
  }

  /** Sleeps until the next summary is due, in place of any sleep before. */
  function schedule(atLeastMs: number): void {
    sleeping.abort();
    const due = nextDue(state);
    if (closed || due === undefined) return;
    sleeping = new AbortController();
    const { signal } = sleeping;
    const wait = Math.min(LONGEST_SLEEP_MS, Math.max(atLeastMs, due - clock.now()));
    void clock.sleep(wait, signal).then(() => {
      if (!signal.aborted) void speak();
    });
  }

  async function speak(): Promise<void> {
    try {
      await inTurn(() => (closed ? Promise.resolve() : take([])));
      schedule(0);
    } catch (error) {
      onFault?.(sink.name, error);
      schedule(RETRY_MS);
    }
  }

  // What fell due while keywatch was down.
  void speak();

  return {
    name: sink.name,
    async write(documents) {
      await inTurn(() => take(documents));
      schedule(0);
    },
    async close() {
      closed = true;
      sleeping.abort();
      await inTurn(() => sink.close());
    },
  };
}
