import { Counter, type Registry } from 'prom-client';

const senders = ['github', 'generic'] as const;
const results = ['known', 'repeated', 'unknown', 'refused'] as const;
export type LeakSender = (typeof senders)[number];
export type LeakResult = (typeof results)[number];

export interface LeakTelemetry {
  /** Finds of notices; of a notice that is refused, the notice. */
  found(sender: LeakSender, result: LeakResult, count: number): void;
}

/** Metrics of leak notices. All series are there from the start. */
export function leakTelemetry(registry: Registry): LeakTelemetry {
  const found = new Counter({
    name: 'keywatch_leak_notices_total',
    help: 'Keys that leak notices named, by what became of them.',
    labelNames: ['sender', 'result'] as const,
    registers: [registry],
  });
  for (const sender of senders) for (const result of results) found.inc({ sender, result }, 0);
  return { found: (sender, result, count) => found.inc({ sender, result }, count) };
}
