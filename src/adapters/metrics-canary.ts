import { Counter, type Registry } from 'prom-client';
import type { Telemetry } from '../ports';

const results = ['caught', 'missed', 'unsettled'] as const;

/** Metrics of the canary key. All series are there from the start, so that a rate is one from the first miss on. */
export function canaryTelemetry(registry: Registry): Pick<Telemetry, 'canary'> {
  const thefts = new Counter({
    name: 'keywatch_canary_thefts_total',
    help: 'Planted thefts of the canary key, by what became of them.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  for (const result of results) thefts.inc({ result }, 0);
  return { canary: (result) => thefts.inc({ result }) };
}
