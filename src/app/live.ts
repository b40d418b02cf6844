import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../adapters/clock';
import { createDeadLetterGate } from '../adapters/dead-letters';
import { type Enforcement, startEnforcement } from '../adapters/enforcement';
import { createFileCheckpointStore } from '../adapters/file/checkpoint';
import { type Courier, startCourier } from '../adapters/file/courier';
import { createFileLedger } from '../adapters/file/ledger';
import { lockState } from '../adapters/file/lock';
import { openOutbox } from '../adapters/file/outbox';
import { openTickJournal } from '../adapters/file/tick-journal';
import { createGeoip } from '../adapters/geoip';
import { createHttp, type Part } from '../adapters/http';
import { createLog, type Log } from '../adapters/log';
import { createMetrics } from '../adapters/metrics';
import { resolveSecret } from '../adapters/secrets';
import { parseSecrets } from '../adapters/webhook/sign';
import { createWebhook } from '../adapters/webhook/webhook';
import type { Config } from '../config';
import { createIngest } from '../ingest/ingest';
import type { RunLive } from '../options';
import type { Enforcer } from '../ports';
import { Runtime } from '../runtime';
import { createEngine, placing } from './core';
import { configuredHasher } from './hashing';
import { alertSinkOf, deadLetterSinkOf } from './outputs';
import { sourceOf } from './sources';

/** Between two looks at quiet partitions and reports of active keys. */
const TICK_MS = 5_000;
/** A request made with more records than this waiting behind it is held: its picture may be out of date. */
const LAGGING_RECORDS = 50_000;
/** At a stop the sinks get this long to take what is in the outbox; what is left goes out after the next start. */
const DRAIN_MS = 5_000;

/**
 * The product, live. Resolves after a graceful stop: fetching stopped, the slice in progress finished and its effects
 * durable, checkpoint written, position committed, group left. Rejects on a fault that needs a restart; what was durable
 * by then is taken up by the next start, with the same ids.
 */
export const runLive: RunLive = async (config, context) => {
  const { terminal } = context;
  const log = createLog({ level: config.log.level, pretty: terminal.errIsTty, colour: terminal.colour.err });
  const kafkaLog = (
    level: 'debug' | 'info' | 'warn' | 'error',
    text: string,
    facts: Readonly<Record<string, unknown>>,
  ) => log[level](facts, text);
  const metrics = createMetrics({ version: context.version, now: systemClock.now });
  const { telemetry } = metrics;
  const parts: Part[] = [];
  const closing: (() => Promise<unknown>)[] = [];
  const clock = systemClock;

  try {
    const http = await createHttp({ ...config.http, parts: () => parts, metrics });
    closing.push(() => http.close());
    parts.push({ name: 'start', problem: () => 'starting' });
    log.info({ url: http.url, mode: config.enforce.mode }, 'operations endpoint is up');

    const { dir } = config.state;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const unlock = await lockState(dir);
    closing.push(unlock);

    const sinks = config.alerts.map((output) => alertSinkOf(output, terminal, kafkaLog));
    const outbox = await openOutbox(join(dir, 'outbox'), {
      maxBytes: config.state.outboxMaxBytes,
      sinks: sinks.map((sink) => sink.name),
    });
    closing.push(() => outbox.close());
    const couriers: Courier[] = sinks.map((sink) =>
      startCourier({ outbox, sink, clock, telemetry, random: Math.random, onFault: faultLog(log) }),
    );
    closing.push(async () => {
      await Promise.race([Promise.all(couriers.map((courier) => courier.drained())), clock.sleep(DRAIN_MS)]);
      await Promise.all(couriers.map((courier) => courier.stop()));
      await Promise.all(sinks.map((sink) => sink.close()));
    });
    parts.push(...couriers.map((courier) => ({ name: `alerts to ${courier.sink}`, problem: () => courier.problem() })));
    parts.push({ name: 'outbox', problem: () => (outbox.full() ? 'full: a sink is down for too long' : undefined) });

    const deadLetters = createDeadLetterGate({
      sinks: config.deadLetters.map((output) => deadLetterSinkOf(output, kafkaLog)),
      perSecond: config.ingest.deadLettersPerSecond,
      clock,
      telemetry,
      onFault: (sink, error) => log.warn({ sink, error: messageOf(error) }, 'dead letters could not be written'),
    });
    closing.push(() => deadLetters.close());
    parts.push({ name: 'dead letters', problem: () => deadLetters.problem() });

    const enforcement = await startEnforcing(config, telemetry, (documents) => outbox.append(documents), closing);
    parts.push({ name: 'enforcement', problem: () => enforcement.problem() });

    const ticks = await openTickJournal(dir);
    closing.push(() => ticks.close());
    const source = sourceOf(config, kafkaLog, (gap) => log.warn(gap, 'lines may have been missed'));
    parts.push({ name: `source ${source.name}`, problem: () => source.problem() });
    const runtime = new Runtime({
      source: source.name,
      ingest: createIngest({ ...config.ingest, hashKey: configuredHasher(config.ingest) }),
      enrich: placing(createGeoip()),
      engineFor: (partition) => createEngine(config, partition),
      checkpoints: createFileCheckpointStore(join(dir, 'checkpoints')),
      journal: ticks,
      effects: {
        alerts: (documents) => outbox.append(documents),
        requests: (requests, lag) => enforcement.submit(requests, { lagging: (lag ?? 0) > LAGGING_RECORDS }),
        deadLetters: (letters) => void deadLetters.offer(letters),
      },
      clock,
      telemetry,
      checkpointEveryMs: config.state.checkpointEvery,
      warn: (text, facts) => log.warn(facts, text),
    });

    parts.splice(
      parts.findIndex((part) => part.name === 'start'),
      1,
    );
    await drive(source, runtime, enforcement, context.stop, log);
    log.info('stopped: effects are durable, checkpoints written, positions committed');
  } finally {
    for (const close of closing.reverse())
      await close().catch((error) => log.error({ error: messageOf(error) }, 'while closing'));
  }
};

/** Runs the source until it ends or a stop is asked for, with ticks beside it; then checkpoints. */
async function drive(
  source: ReturnType<typeof sourceOf>,
  runtime: Runtime,
  enforcement: Enforcement,
  stop: AbortSignal,
  log: Log,
): Promise<void> {
  const ended = new AbortController();
  const asked = () => {
    log.info('stopping: the slice in progress is finished first');
    source.stop().catch((error) => log.error({ error: messageOf(error) }, 'while stopping'));
  };
  if (stop.aborted) return;
  stop.addEventListener('abort', asked, { once: true });
  const ticking = (async () => {
    while (!ended.signal.aborted) {
      await systemClock.sleep(TICK_MS, ended.signal);
      if (ended.signal.aborted) return;
      for (const { partition, keys } of runtime.activeKeys()) enforcement.noteActive(partition, keys);
      await runtime.tick();
    }
  })();
  try {
    await Promise.race([source.run(runtime), ticking.then(() => new Promise<never>(() => undefined))]);
  } finally {
    ended.abort();
    stop.removeEventListener('abort', asked);
  }
  await ticking;
  await runtime.close();
}

async function startEnforcing(
  config: Config,
  telemetry: Parameters<typeof startEnforcement>[0]['telemetry'],
  notices: Parameters<typeof startEnforcement>[0]['notices'],
  closing: (() => Promise<unknown>)[],
): Promise<Enforcement> {
  const ledger = createFileLedger(join(config.state.dir, 'ledger.log'));
  closing.push(() => ledger.close());
  const enforcer = webhookOf(config);
  if (enforcer !== undefined) closing.push(() => enforcer.close());
  const enforcement = await startEnforcement({
    ledger,
    enforcer,
    clock: systemClock,
    random: Math.random,
    config: config.enforce,
    notices,
    telemetry,
  });
  closing.push(() => enforcement.stop());
  return enforcement;
}

function webhookOf(config: Config): Enforcer | undefined {
  const { webhook, mode } = config.enforce;
  if (webhook === undefined || mode === 'dry-run') return undefined;
  return createWebhook({
    url: webhook.url,
    secrets: parseSecrets(resolveSecret(webhook.secretFrom)),
    allowPrivate: webhook.allowPrivate,
    allowHttp: webhook.allowHttp,
    timeoutMs: webhook.timeout,
    clock: systemClock,
  });
}

function faultLog(log: Log) {
  return (sink: string, error: unknown, waitMs: number) =>
    log.warn(
      { sink, error: messageOf(error), againInMs: Math.round(waitMs) },
      'alerts could not be delivered; they wait in the outbox',
    );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
