import { createMetrics } from '../../src/adapters/metrics';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import type { Telemetry } from '../../src/ports';

/** One call of each kind. */
const exercise = (telemetry: Telemetry) => {
  telemetry.records(3, 10, 2_000);
  telemetry.events(9);
  telemetry.noKey(1);
  telemetry.rejected('not-json', 2);
  telemetry.late(4);
  telemetry.clockFaults(5);
  telemetry.gap();
  telemetry.watermark(3, 1_700_000_000_000);
  telemetry.lag(3, 77);
  telemetry.state(3, 12, 4_096);
  telemetry.alert('alert', 73);
  telemetry.request('suspend');
  telemetry.difference('alert', 'suspend');
  telemetry.outcome('held', 'dry-run');
  telemetry.outcome('delivered', undefined);
  telemetry.breakerOpen(true);
  telemetry.suspended(2);
  telemetry.slice(0.02);
  telemetry.checkpoint(0.3, 4_096);
  telemetry.mature(3, 7);
  telemetry.learning(3, true);
  telemetry.checkpointed(3, 1_700_000_030_000);
  telemetry.delivery('webhook', 'written', 1);
  telemetry.outbox(55);
  telemetry.deadLetters('suppressed', 6);
};

const page = async (process = false) => {
  const metrics = createMetrics({ version: '1.2.3', now: () => 1_700_000_060_000, process, ready: () => true });
  exercise(metrics.telemetry);
  return { metrics, text: await metrics.text() };
};

test('every call shows, in base units', async () => {
  const { text } = await page();
  for (const line of [
    'keywatch_build_info{version="1.2.3"} 1',
    'keywatch_records_consumed_total{partition="3"} 10',
    'keywatch_consumed_bytes_total{partition="3"} 2000',
    'keywatch_events_total 9',
    'keywatch_events_without_key_total 1',
    'keywatch_rejected_total{reason="not-json"} 2',
    'keywatch_rejected_total{reason="too-deep"} 0',
    'keywatch_late_events_total 4',
    'keywatch_clock_faults_total 5',
    'keywatch_input_gaps_total 1',
    'keywatch_watermark_timestamp_seconds{partition="3"} 1700000000',
    'keywatch_event_time_lag_seconds{partition="3"} 60',
    'keywatch_consumer_lag_records{partition="3"} 77',
    'keywatch_state_keys{partition="3"} 12',
    'keywatch_state_bytes{partition="3"} 4096',
    'keywatch_alerts_total{kind="alert",severity="73"} 1',
    'keywatch_requests_total{action="suspend"} 1',
    'keywatch_shadow_policy_differences_total{live="alert",shadow="suspend"} 1',
    'keywatch_outcomes_total{state="held",rail="dry-run"} 1',
    'keywatch_outcomes_total{state="delivered",rail="none"} 1',
    'keywatch_breaker_open 1',
    'keywatch_suspended_keys 2',
    'keywatch_slice_duration_seconds_count 1',
    'keywatch_checkpoint_duration_seconds_sum 0.3',
    'keywatch_checkpoint_bytes 4096',
    'keywatch_keys_mature{partition="3"} 7',
    'keywatch_learning{partition="3"} 1',
    'keywatch_checkpoint_timestamp_seconds{partition="3"} 1700000030',
    'keywatch_ready 1',
    'keywatch_deliveries_total{sink="webhook",result="written"} 1',
    'keywatch_outbox_bytes 55',
    'keywatch_dead_letters_total{result="suppressed"} 6',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('names keep to the rules of Prometheus and labels to closed lists', async () => {
  const { text } = await page();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  expect(types.length).toBeGreaterThan(20);
  for (const [, name, type] of types) {
    expect(name).toMatch(/^keywatch_[a-z]+(_[a-z]+)*$/);
    expect(`${name} ${name.endsWith('_total')}`).toBe(`${name} ${type === 'counter'}`);
  }
  const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map((match) => match[1]));
  expect([...labels].sort()).toEqual(
    [
      'action',
      'kind',
      'le',
      'live',
      'partition',
      'rail',
      'reason',
      'result',
      'sender',
      'severity',
      'shadow',
      'sink',
      'state',
      'version',
    ].sort(),
  );
});

test('an unknown lag is no number, and an unknown action no label', async () => {
  const { metrics } = await page();
  metrics.telemetry.lag(3, undefined);
  metrics.telemetry.request('key-4711');
  const text = await metrics.text();
  expect(text).not.toContain('keywatch_consumer_lag_records{');
  expect(text).not.toContain('key-4711');
});

test('the process shows itself, event-loop lag included, and two instances do not meet', async () => {
  const { text } = await page(true);
  expect(text).toContain('process_cpu_seconds_total');
  expect(text).toContain('nodejs_eventloop_lag_seconds');
  await expect(page(true)).resolves.toBeDefined();
});

test('without telemetry every call is taken and nothing happens', () => {
  expect(() => exercise(createNoTelemetry())).not.toThrow();
});

test('readiness is asked at every scrape, and nothing is said of it where nobody can tell', async () => {
  let ready = false;
  const { text } = createMetrics({ version: '1', now: () => 0, process: false, ready: () => ready });
  expect(await text()).toMatch(/^keywatch_ready 0$/m);
  ready = true;
  expect(await text()).toMatch(/^keywatch_ready 1$/m);
  const without = createMetrics({ version: '1', now: () => 0, process: false });
  expect(await without.text()).not.toMatch(/^keywatch_ready [01]$/m);
});

test('a partition that another process has now is told of no more', async () => {
  const { metrics } = await page();
  metrics.telemetry.watermark(4, 1_700_000_000_000);
  metrics.telemetry.revoked(3);
  metrics.telemetry.lag(3, undefined);
  const text = await metrics.text();
  const gauges = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
  const shown = [...text.matchAll(/^(\w+)\{[^}]*partition="3"/gm)].map(([, name]) => name);
  expect(shown.filter((name) => gauges.includes(name))).toEqual([]);
  expect(text).toContain('keywatch_event_time_lag_seconds{partition="4"} 60');
});
