import { Counter, Gauge, type Registry } from 'prom-client';
import type { LogTelemetry } from '../runtime/log';

/** Metrics of an internal log; those of the source are the usual ones. */
export function logTelemetry(registry: Registry): LogTelemetry {
  const registers = [registry];
  const repeated = new Counter({
    name: 'keywatch_repeated_events_total',
    help: 'Events of the internal log that were taken before.',
    registers,
  });
  const waiting = new Gauge({
    name: 'keywatch_log_lag_records',
    help: 'Packs known to wait in the internal log.',
    labelNames: ['partition'],
    registers,
  });
  return {
    repeated: (count) => repeated.inc(count),
    waiting: (partition, records) =>
      records === undefined ? waiting.remove({ partition }) : waiting.set({ partition }, records),
  };
}
