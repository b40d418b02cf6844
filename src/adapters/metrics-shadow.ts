import { Counter, type Registry } from 'prom-client';
import type { Telemetry } from '../ports';

/** What the shadow policy would have decided otherwise. Both labels are actions of a policy, or `observe`. */
export function shadowTelemetry(registry: Registry): Pick<Telemetry, 'difference'> {
  const differences = new Counter({
    name: 'keywatch_shadow_policy_differences_total',
    help: 'Decisions in which the shadow policy differs, by both actions.',
    labelNames: ['live', 'shadow'] as const,
    registers: [registry],
  });
  return { difference: (live, shadow) => differences.inc({ live, shadow }) };
}
