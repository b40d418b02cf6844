import { join } from 'node:path';
import type { Log } from '../adapters/log';
import { withoutRecordsOnly } from '../adapters/routing/quiet';
import { createRoutedSink } from '../adapters/routing/routed-sink';
import { createRoutingStore } from '../adapters/routing/store';
import { createMaintenance } from '../adapters/routing/windows';
import type { Config } from '../config';
import { tierOf } from '../decide/policy';
import { documentKinds } from '../domain/alert';
import type { AlertSink, Clock, Telemetry } from '../ports';

/** Puts what an output's configuration says of routing in front of its sink; a sink that takes everything stays bare. */
export function routingOf(
  config: Pick<Config, 'maintenance' | 'policy' | 'state'>,
  clock: Clock,
  telemetry: Pick<Telemetry, 'delivery'>,
  log: Pick<Log, 'warn'>,
): (sink: AlertSink, output: Config['alerts'][number]) => AlertSink {
  const maintenance = createMaintenance(config.maintenance, (key) => tierOf(config.policy, key));
  return (bare, output) => {
    const sink = output.record ? bare : withoutRecordsOnly(bare);
    const { minSeverity, kinds, rateLimit } = output;
    const all = minSeverity === 'low' && documentKinds.every((kind) => kinds.includes(kind));
    if (all && rateLimit === undefined && config.maintenance.length === 0) return sink;
    return createRoutedSink({
      sink,
      routing: output,
      maintenance,
      store: createRoutingStore(join(config.state.dir, 'routing'), sink.name),
      clock,
      telemetry,
      onFault: (name, error) => {
        const text = error instanceof Error ? error.message : String(error);
        log.warn({ sink: name, error: text }, 'a summary could not be written; it is tried again in a minute');
      },
    });
  };
}
