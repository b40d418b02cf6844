import { systemClock } from '../../adapters/clock';
import { type Part, problemsOf } from '../../adapters/http';
import { createLog, type Log } from '../../adapters/log';
import { createMetrics, type Metrics } from '../../adapters/metrics';
import type { Config } from '../../config';
import type { CommandContext } from '../../options';
import type { Clock, Telemetry } from '../../ports';
import { createPatience, type Patience } from '../patience';

/** At a stop sinks and receiver get this long each to take what waits; what is left goes out after the next start. */
const DRAIN_MS = 5_000;

/** What the parts of a live process share. Each part adds how it is to `parts` and how it ends to `closing`. */
export interface House {
  readonly config: Config;
  readonly context: CommandContext;
  readonly clock: Clock;
  readonly log: Log;
  readonly kafkaLog: (
    level: 'debug' | 'info' | 'warn' | 'error',
    text: string,
    facts: Readonly<Record<string, unknown>>,
  ) => void;
  readonly metrics: Metrics;
  readonly telemetry: Telemetry;
  /** For `/readyz` and the log. */
  readonly parts: Part[];
  /** Carried out in the opposite order at the end. */
  readonly closing: (() => Promise<unknown>)[];
  readonly patience: Patience;
}

export function openHouse(config: Config, context: CommandContext): House {
  const { terminal } = context;
  const clock = systemClock;
  const log = createLog({ level: config.log.level, pretty: terminal.errIsTty, colour: terminal.colour.err });
  const parts: Part[] = [];
  const ready = () => problemsOf(parts).length === 0;
  const metrics = createMetrics({ version: context.version, now: clock.now, ready });
  return {
    config,
    context,
    clock,
    log,
    kafkaLog: (level, text, facts) => log[level](facts, text),
    metrics,
    telemetry: metrics.telemetry,
    parts,
    closing: [],
    patience: createPatience(clock),
  };
}

/** Waits for `work`, but no longer than a stop may take. */
export async function withinDrain(clock: Clock, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, clock.sleep(DRAIN_MS, done.signal)]);
  done.abort();
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
