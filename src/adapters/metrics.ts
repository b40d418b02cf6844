import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { actions, outcomeStates } from '../domain/action';
import { rejectReasons } from '../domain/rejection';
import type { Telemetry } from '../ports';
import type { LogTelemetry } from '../runtime/log';
import { canaryTelemetry } from './metrics-canary';
import { type LeakTelemetry, leakTelemetry } from './metrics-leaks';
import { logTelemetry } from './metrics-log';
import { modelTelemetry } from './metrics-model';
import { shadowTelemetry } from './metrics-shadow';

export interface Metrics {
  readonly telemetry: Telemetry;
  /** Of the internal log, where there is one. */
  readonly log: LogTelemetry;
  readonly leaks: LeakTelemetry;
  readonly contentType: string;
  /** The whole page in the Prometheus text format. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  readonly version: string;
  /** Wall clock, milliseconds: for the distance of the watermark from now. */
  readonly now: () => number;
  /** Adds `process_*` and `nodejs_*` (CPU, memory, event-loop lag, garbage collection). Default true. */
  readonly process?: boolean;
  /** Whether `/readyz` would say so now; without it the page says nothing of it. */
  readonly ready?: () => boolean;
}

/**
 * Prometheus metrics with the prefix `keywatch_`, named by Prometheus' rules: base units, `_total` for counters. Labels
 * come from closed lists, partition numbers and the configured sinks; a key, an address or a tenant is never one.
 */
export const createMetrics = (options: MetricsOptions): Metrics => {
  const registry = new Registry();
  if (options.process !== false) collectDefaultMetrics({ register: registry });
  gauge(registry, 'build_info', 'Always 1; the version is the label.', 'version').set({ version: options.version }, 1);
  new Gauge({
    name: 'keywatch_ready',
    help: '1 while /readyz answers 200.',
    registers: [registry],
    collect() {
      if (options.ready !== undefined) this.set(options.ready() ? 1 : 0);
      else this.remove({});
    },
  });
  const { forgetWatermark, ...input } = inputTelemetry(registry, options.now);
  const { forgetState, ...state } = stateTelemetry(registry);
  return {
    telemetry: {
      revoked: (partition) => {
        forgetWatermark(partition);
        forgetState(partition);
      },
      ...input,
      ...state,
      ...effectTelemetry(registry),
      ...modelTelemetry(registry),
      ...canaryTelemetry(registry),
      ...shadowTelemetry(registry),
    },
    log: logTelemetry(registry),
    leaks: leakTelemetry(registry),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
};

const counter = <L extends string>(registry: Registry, name: string, help: string, ...labelNames: L[]) =>
  new Counter({ name: `keywatch_${name}`, help, labelNames, registers: [registry] });

const gauge = <L extends string>(registry: Registry, name: string, help: string, ...labelNames: L[]) =>
  new Gauge({ name: `keywatch_${name}`, help, labelNames, registers: [registry] });

const seconds = (registry: Registry, name: string, help: string, buckets: number[]) =>
  new Histogram({ name: `keywatch_${name}`, help, buckets, registers: [registry] });

type InputCalls =
  | 'records'
  | 'events'
  | 'noKey'
  | 'rejected'
  | 'late'
  | 'clockFaults'
  | 'gap'
  | 'watermark'
  | 'lag'
  | 'slice';

/** Of a partition that is no longer ours. */
type Forget = (partition: number) => void;

const inputTelemetry = (
  registry: Registry,
  now: () => number,
): Pick<Telemetry, InputCalls> & { readonly forgetWatermark: Forget } => {
  const records = counter(registry, 'records_consumed_total', 'Records read from the log.', 'partition');
  const bytes = counter(registry, 'consumed_bytes_total', 'Bytes of the records read.', 'partition');
  const events = counter(registry, 'events_total', 'Usage events that were judged.');
  const noKey = counter(registry, 'events_without_key_total', 'Requests without an API key; not an error.');
  const rejected = counter(registry, 'rejected_total', 'Records that are no usage event, by reason.', 'reason');
  const late = counter(registry, 'late_events_total', 'Events too far behind the watermark to be used.');
  const faults = counter(registry, 'clock_faults_total', 'Events whose time ran ahead of all evidence.');
  const gaps = counter(registry, 'input_gaps_total', 'Times that records may have been lost before they were read.');
  const watermark = gauge(registry, 'watermark_timestamp_seconds', 'Event time reached.', 'partition');
  const lag = gauge(registry, 'consumer_lag_records', 'Records known to wait in the log.', 'partition');
  const slice = seconds(
    registry,
    'slice_duration_seconds',
    'From a slice of records to durable effects.',
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  );
  const reached = new Map<number, number>();
  new Gauge({
    name: 'keywatch_event_time_lag_seconds',
    help: 'How far the event time reached lies behind the wall clock.',
    labelNames: ['partition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [partition, time] of reached) this.set({ partition }, (now() - time) / 1_000);
    },
  });
  for (const reason of rejectReasons) rejected.inc({ reason }, 0);
  return {
    records: (partition, count, size) => {
      records.inc({ partition }, count);
      bytes.inc({ partition }, size);
    },
    events: (count) => events.inc(count),
    noKey: (count) => noKey.inc(count),
    rejected: (reason, count) => rejected.inc({ reason }, count),
    late: (count) => late.inc(count),
    clockFaults: (count) => faults.inc(count),
    gap: () => gaps.inc(),
    watermark: (partition, time) => {
      reached.set(partition, time);
      watermark.set({ partition }, time / 1_000);
    },
    // A stale number would read as a true one.
    lag: (partition, count) => (count === undefined ? lag.remove({ partition }) : lag.set({ partition }, count)),
    slice: (duration) => slice.observe(duration),
    forgetWatermark: (partition) => {
      reached.delete(partition);
      watermark.remove({ partition });
    },
  };
};

type StateCalls =
  | 'state'
  | 'mature'
  | 'learning'
  | 'checkpoint'
  | 'checkpointed'
  | 'outbox'
  | 'inventory'
  | 'undeclared';

const stateTelemetry = (registry: Registry): Pick<Telemetry, StateCalls> & { readonly forgetState: Forget } => {
  const keys = gauge(registry, 'state_keys', 'Keys that are remembered.', 'partition');
  const mature = gauge(registry, 'keys_mature', 'Keys old enough for a suspension.', 'partition');
  const learning = gauge(registry, 'learning', '1 while a partition learns from history, and is silent.', 'partition');
  const bytes = gauge(registry, 'state_bytes', 'Size of the state.', 'partition');
  const duration = seconds(
    registry,
    'checkpoint_duration_seconds',
    'Time to write a checkpoint.',
    [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  );
  const written = gauge(registry, 'checkpoint_timestamp_seconds', 'Time of the newest checkpoint.', 'partition');
  const size = gauge(registry, 'checkpoint_bytes', 'Size of the newest checkpoint.');
  const outbox = gauge(registry, 'outbox_bytes', 'Effects on disk that wait for a receiver.');
  const declared = gauge(registry, 'inventory_keys', 'Keys of the inventory in force.');
  const bad = gauge(registry, 'inventory_bad_rows', 'Rows of the inventory file that are not used.');
  const undeclared = gauge(registry, 'undeclared_keys', 'Keys in use that the inventory does not know.', 'partition');
  return {
    state: (partition, count, total) => {
      keys.set({ partition }, count);
      bytes.set({ partition }, total);
    },
    mature: (partition, count) => mature.set({ partition }, count),
    learning: (partition, on) => learning.set({ partition }, on ? 1 : 0),
    checkpointed: (partition, at) => written.set({ partition }, at / 1_000),
    checkpoint: (time, total) => {
      duration.observe(time);
      size.set(total);
    },
    outbox: (total) => outbox.set(total),
    inventory: (keys, rows) => {
      declared.set(keys);
      bad.set(rows);
    },
    undeclared: (partition, count) => undeclared.set({ partition }, count),
    forgetState: (partition) => {
      for (const metric of [keys, mature, learning, bytes, written, undeclared]) metric.remove({ partition });
    },
  };
};

type EffectCalls = 'alert' | 'request' | 'outcome' | 'breakerOpen' | 'suspended' | 'delivery' | 'deadLetters';

const effectTelemetry = (registry: Registry): Pick<Telemetry, EffectCalls> => {
  const alerts = counter(registry, 'alerts_total', 'Alert documents by event.kind and severity.', 'kind', 'severity');
  const requests = counter(registry, 'requests_total', 'Actions asked for.', 'action');
  const outcomes = counter(registry, 'outcomes_total', 'What became of requests, and the rail.', 'state', 'rail');
  const open = gauge(registry, 'breaker_open', '1 while the circuit breaker holds all suspensions.');
  const suspended = gauge(registry, 'suspended_keys', 'Keys suspended by keywatch now.');
  const deliveries = counter(registry, 'deliveries_total', 'Deliveries to outside systems.', 'sink', 'result');
  const letters = counter(registry, 'dead_letters_total', 'Dead letters written, or only counted.', 'result');
  for (const action of actions.filter((name) => name !== 'observe' && name !== 'alert')) requests.inc({ action }, 0);
  for (const state of outcomeStates) outcomes.inc({ state, rail: 'none' }, 0);
  for (const result of ['written', 'suppressed']) letters.inc({ result }, 0);
  open.set(0);
  suspended.set(0);
  return {
    alert: (kind, severity) => alerts.inc({ kind, severity }),
    request: (action) => requests.inc({ action: (actions as readonly string[]).includes(action) ? action : 'other' }),
    outcome: (state, rail) => outcomes.inc({ state, rail: rail ?? 'none' }),
    breakerOpen: (isOpen) => open.set(isOpen ? 1 : 0),
    suspended: (keys) => suspended.set(keys),
    delivery: (sink, result, count) => deliveries.inc({ sink, result }, count),
    deadLetters: (result, count) => letters.inc({ result }, count),
  };
};
