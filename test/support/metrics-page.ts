import { createMetrics } from '../../src/adapters/metrics';

/** Every metric of the registry as it is scraped (buckets, sums and counts of a histogram by their own names), with its labels. */
export const scrapedMetrics = async (): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const { telemetry, log, text } = createMetrics({ version: '1', now: () => 0 });
  // Metrics with labels show them once they have been used.
  telemetry.records(0, 1, 1);
  telemetry.watermark(0, 0);
  telemetry.lag(0, 1);
  log.waiting(0, 1);
  telemetry.state(0, 1, 1);
  telemetry.undeclared(0, 1);
  telemetry.model('default', 'shadow', true);
  telemetry.modelLook('default', 'shadow', 1);
  telemetry.mature(0, 1);
  telemetry.learning(0, true);
  telemetry.checkpointed(0, 0);
  telemetry.alert('alert', 47);
  telemetry.delivery('file', 'written', 1);
  const page = await text();
  const labels = new Map<string, Set<string>>();
  for (const [, name] of page.matchAll(/^# TYPE (\S+)/gm)) labels.set(name, new Set());
  for (const [, name, list = ''] of page.matchAll(/^([a-z]\w*)(?:\{(.*)\})? /gm)) {
    const known = labels.get(name) ?? labels.set(name, new Set()).get(name)!;
    for (const [, label] of list.matchAll(/(\w+)="/g)) known.add(label);
  }
  return labels;
};
