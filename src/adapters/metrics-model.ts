import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Telemetry } from '../ports';

/** Metrics of the models; the name is that of a card, of which a process has two at most. */
export function modelTelemetry(registry: Registry): Pick<Telemetry, 'model' | 'modelLook'> {
  const labelNames = ['model', 'mode'] as const;
  const registers = [registry];
  const loaded = new Gauge({
    name: 'keywatch_model_loaded',
    help: '1 for a model in place, 0 for one that is configured and cannot be used.',
    labelNames,
    registers,
  });
  const surprise = new Histogram({
    name: 'keywatch_model_surprise',
    help: 'Windows that a model looked at, by their surprise.',
    labelNames,
    buckets: [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5],
    registers,
  });
  return {
    model: (model, mode, good) => loaded.set({ model, mode }, good ? 1 : 0),
    modelLook: (model, mode, found) => surprise.observe({ model, mode }, found),
  };
}
