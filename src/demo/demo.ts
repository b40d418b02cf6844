import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEnforcement } from '../adapters/enforcement';
import { createFileLedger } from '../adapters/file/ledger';
import { createGeoip } from '../adapters/geoip';
import { createNoTelemetry } from '../adapters/no-telemetry';
import { startReceiver } from '../adapters/receiver';
import { parseSecrets } from '../adapters/webhook/sign';
import { createWebhook } from '../adapters/webhook/webhook';
import { createEngine, placing } from '../app/core';
import { configSchema } from '../config';
import type { AlertDocument } from '../domain/alert';
import type { Effects, LogEntry } from '../engine';
import { createIngest } from '../ingest/ingest';
import type { RunDemo } from '../options';
import { formatRecord, labels, newcomers, type SimulatedEvent, simulate } from '../simulate/simulate';
import { createSimulationClock } from './clock';
import { live } from './live';
import { QUIET_SHARE, scenario, waitFor } from './scenario';
import { scoreDemo } from './score';
import { alertLines, introLines, nextLines, summaryLines, webhookLines } from './screen';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 5);
/** Wall time that a person needs to follow; without a terminal the simulation runs as fast as it can. */
const WATCH_MS = 40_000;
const SLICE = 500;
/** Wall time that a delivery to the demo's own receiver may take before simulated time goes on. */
const DELIVERY_MS = 50;

/**
 * The whole product on simulated traffic: records as text through ingest, engine, rails, ledger and a signed webhook to a
 * receiver on loopback, all on the simulation's clock. Suspensions are really delivered here, so the mode is `enforce`.
 */
export const runDemo: RunDemo = async ({ terminal, stop, seed }) => {
  const options = { ...scenario(seed), start: START };
  const end = START + options.days * DAY;
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const look = { width: terminal.width, colour: terminal.colour.out };
  const screen = live({ write: (text) => void terminal.out.write(text), tty: terminal.outIsTty, ...look });
  const clock = createSimulationClock(START);
  const dir = await mkdtemp(join(tmpdir(), 'keywatch-demo-'));
  const names = new Map<string, string>();
  let suspensions = 0;

  const receiver = await startReceiver({
    secret,
    clock,
    onCommand: (command) => {
      if (command.type === 'key.suspend.requested') suspensions++;
      const { id, type, key, at } = command;
      screen.say(webhookLines({ id, type, key, keyName: names.get(key) ?? '', at }, look));
    },
  });
  const config = configSchema.parse({
    source: { kind: 'stdin' },
    enforce: {
      mode: 'enforce',
      // Sixty keys are a small fleet: two of a hundred would be one suspension.
      breaker: { count: 8, share: 0.2 },
      webhook: { url: receiver.url, secretFrom: 'env:UNUSED', allowHttp: true, allowPrivate: ['127.0.0.1'] },
    },
  });
  const enforcer = createWebhook({
    url: receiver.url,
    secrets: parseSecrets(secret),
    allowPrivate: ['127.0.0.1'],
    allowHttp: true,
    timeoutMs: 5_000,
    clock,
  });
  const ledger = createFileLedger(join(dir, 'ledger.log'));
  const enforcement = await startEnforcement({
    ledger,
    enforcer,
    clock,
    random: Math.random,
    config: config.enforce,
    notices: async () => undefined,
    telemetry: createNoTelemetry(),
  });

  const engine = createEngine(config, 0);
  const ingest = createIngest({ ...config.ingest, format: 'keywatch', hashKey: undefined });
  const place = placing(createGeoip());
  const alerts: AlertDocument[] = [];
  const stolen: { key: string; ts: number }[] = [];
  let events = 0;

  const decode = (slice: readonly SimulatedEvent[]): LogEntry[] =>
    slice.flatMap(({ at, record, theftId }, i) => {
      if (theftId !== undefined) stolen.push({ key: record.key, ts: at });
      names.set(record.key, record.keyName ?? '');
      return ingest
        .ingest(Buffer.from(formatRecord(record)))
        .flatMap((result): LogEntry[] =>
          result.kind === 'event'
            ? [{ kind: 'event', offset: events + i, event: place(result.event), timestamp: at }]
            : [],
        );
    });

  /** Decisions become visible when they fall; the simulation waits until a suspension has been delivered. */
  const follow = async (effects: Effects): Promise<void> => {
    for (const alert of effects.alerts) {
      alerts.push(alert);
      if (alert.event.kind === 'alert') screen.say(alertLines(alert, look));
    }
    if (effects.requests.length === 0) return;
    enforcement.noteActive(0, engine.activeKeys);
    await enforcement.submit(effects.requests, { lagging: false });
    await settle();
  };

  /**
   * Deliveries take wall time, during which the simulated time must not run away (signatures would be too old). While
   * one takes long, or waits for another attempt, the simulated time goes on by a second at a time.
   */
  const settle = async (): Promise<void> => {
    let idle = false;
    const settled = enforcement.idle().then(() => {
      idle = true;
    });
    while (!idle && !stop.aborted) {
      await Promise.race([settled, pause(DELIVERY_MS)]);
      if (!idle) clock.moveTo(clock.now() + 1_000);
    }
  };

  const startedAt = performance.now();
  const status = () => {
    const seconds = (performance.now() - startedAt) / 1000;
    screen.status({
      start: START,
      end,
      at: clock.now(),
      events,
      keys: engine.keys,
      mature: engine.matureKeys(),
      alerts: alerts.filter((alert) => alert.event.kind === 'alert').length,
      suspended: receiver.suspended().length,
      eventsPerSecond: Math.round(events / Math.max(0.1, seconds)),
    });
  };

  try {
    screen.say(introLines({ keys: options.keys, days: options.days, seed, receiver: receiver.url }, look));
    for (const slice of slicesOf(simulate(options))) {
      if (stop.aborted) break;
      clock.moveTo(slice[slice.length - 1].at);
      await settle();
      await follow(engine.advance(decode(slice), { next: events + slice.length, cursor: '' }));
      events += slice.length;
      status();
      const share = (clock.now() - START) / (end - START);
      if (terminal.outIsTty) await pause(waitFor(share, performance.now() - startedAt, WATCH_MS));
      else await pause(0);
    }
    screen.finish();
    stop.throwIfAborted();
    const score = scoreDemo({
      alerts,
      labels: labels(options),
      newcomers: newcomers(options),
      stolen,
      start: START,
      end,
      keys: [...names.keys()],
      quietShare: QUIET_SHARE,
    });
    screen.say([...summaryLines(score, suspensions, look), ...nextLines(look)]);
  } finally {
    clock.moveTo(clock.now() + DAY);
    await enforcement.stop();
    await enforcer.close();
    await receiver.close();
    await ledger.close();
    await rm(dir, { recursive: true, force: true });
  }
};

function* slicesOf(events: Iterable<SimulatedEvent>): Generator<SimulatedEvent[]> {
  let slice: SimulatedEvent[] = [];
  for (const event of events) {
    slice.push(event);
    if (slice.length < SLICE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
