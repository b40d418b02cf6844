import { join } from 'node:path';
import { systemClock } from '../adapters/clock';
import { createDeadLetterGate } from '../adapters/dead-letters';
import { type Enforcement, startEnforcement } from '../adapters/enforcement';
import { takeBreakerRequest } from '../adapters/file/breaker-request';
import { createFileCheckpointStore } from '../adapters/file/checkpoint';
import { type Courier, startCourier } from '../adapters/file/courier';
import { ensureDirectory } from '../adapters/file/durable';
import { openJournal } from '../adapters/file/journal';
import { createFileLedger } from '../adapters/file/ledger';
import { lockState } from '../adapters/file/lock';
import { openOutbox } from '../adapters/file/outbox';
import { createGeoip } from '../adapters/geoip';
import { createHttp, type Part } from '../adapters/http';
import { createInventoryStore } from '../adapters/inventory/store';
import { createLog, type Log } from '../adapters/log';
import { createMetrics } from '../adapters/metrics';
import { resolveSecret } from '../adapters/secrets';
import { createUndelivered } from '../adapters/undelivered';
import { parseSecrets } from '../adapters/webhook/sign';
import { createWebhook } from '../adapters/webhook/webhook';
import type { Config } from '../config';
import type { AlertDocument } from '../domain/alert';
import { createIngest } from '../ingest/ingest';
import type { RunLive } from '../options';
import type { Enforcer } from '../ports';
import { Runtime } from '../runtime';
import { createEngine, placing } from './core';
import { declaring } from './declaring';
import { drive, STOP_MS } from './drive';
import { configuredHasher } from './hashing';
import { alertSinkOf, deadLetterSinkOf } from './outputs';
import { createPatience } from './patience';
import { routingOf } from './routing';
import { sourceOf } from './sources';
import { watchParts } from './watch';

/** A request made with more records than this waiting behind it is held: its picture may be out of date. */
const LAGGING_RECORDS = 50_000;
/** At a stop sinks and receiver get this long each to take what waits; what is left goes out after the next start. */
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
  const patience = createPatience(clock);

  try {
    const http = await createHttp({ ...config.http, parts: () => parts, metrics });
    closing.push(() => http.close());
    parts.push({ name: 'start', problem: () => 'starting' });
    log.info({ url: http.url, mode: config.enforce.mode }, 'operations endpoint is up');

    const { dir } = config.state;
    await ensureDirectory(dir);
    const unlock = await lockState(dir);
    closing.push(unlock);

    const routed = routingOf(config, clock, telemetry, log);
    const undelivered = createUndelivered({
      path: join(dir, 'undelivered.ndjson'),
      clock,
      telemetry,
      onReject: (sink, alert, reason) => log.error({ sink, alert, reason }, 'set aside: the receiver never takes it'),
    });
    closing.push(() => undelivered.close());
    const sinks = config.alerts.map((output) =>
      routed(alertSinkOf(output, terminal, kafkaLog, undelivered.reject, context.version), output),
    );
    const outbox = await openOutbox(join(dir, 'outbox'), {
      maxBytes: config.state.outboxMaxBytes,
      sinks: sinks.map((sink) => sink.name),
    });
    closing.push(() => outbox.close());
    const tell = (documents: readonly AlertDocument[]) => patience.guard(() => outbox.append(documents));
    const couriers: Courier[] = sinks.map((sink) =>
      startCourier({ outbox, sink, clock, telemetry, random: Math.random, onFault: faultLog(log) }),
    );
    closing.push(async () => {
      const drained = Promise.all(couriers.map((courier) => courier.drained()));
      if (!patience.ended()) await withinDrain(drained);
      await Promise.all(couriers.map((courier) => courier.stop()));
      if ((await drained).includes(false)) log.warn('alerts wait in the outbox; they go out after the next start');
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

    const enforcement = await startEnforcing(config, telemetry, tell, closing);
    closing.push(async () => {
      // What has been accepted gets its attempt: after the end of a file there may be no next start.
      if (!patience.ended()) await withinDrain(enforcement.idle());
      await patience.limit(enforcement.stop(), STOP_MS);
    });
    parts.push({ name: 'enforcement', problem: () => enforcement.problem() });

    const journal = await openJournal(dir);
    closing.push(() => journal.close());
    const inventories = createInventoryStore(join(dir, 'inventory'));
    const source = sourceOf(config, kafkaLog, (gap) => log.warn(gap, 'lines may have been missed'));
    parts.push({ name: `source ${source.name}`, problem: () => source.problem() });
    const runtime = new Runtime({
      source: source.name,
      ingest: createIngest({
        ...config.ingest,
        hashKey: configuredHasher(config.ingest),
        onRecognised: (format, why) => log.info({ format, why }, 'format of the log recognised'),
      }),
      enrich: placing(createGeoip()),
      engineFor: (partition) => createEngine(config, partition),
      checkpoints: createFileCheckpointStore(join(dir, 'checkpoints')),
      journal,
      inventories,
      effects: {
        alerts: tell,
        requests: (requests, lag) => enforcement.submit(requests, { lagging: (lag ?? 0) > LAGGING_RECORDS }),
        deadLetters: (letters) => deadLetters.offer(letters),
      },
      clock,
      telemetry,
      checkpointEveryMs: config.state.checkpointEvery,
      warn: (text, facts) => log.warn(facts, text),
    });

    const declared = declaring({ config, runtime, inventories, clock, telemetry, log });
    await declared();
    parts.splice(
      parts.findIndex((part) => part.name === 'start'),
      1,
    );
    const whole = await drive({
      source,
      runtime,
      clock,
      stop: context.stop,
      patience,
      log,
      beforeTick: async () => {
        for (const { partition, keys } of runtime.activeKeys()) enforcement.noteActive(partition, keys);
        await takeBreakerRequest(dir, async (by) => {
          await enforcement.resetBreaker(by);
          log.warn({ by }, 'the circuit breaker was reset');
        });
        await declared();
      },
      look: watchParts(() => parts, log),
    });
    if (whole) log.info('stopped: effects are durable, checkpoints written, positions committed');
  } finally {
    for (const close of closing.reverse())
      await close().catch((error) => log.error({ error: messageOf(error) }, 'while closing'));
  }
};

async function withinDrain(work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, systemClock.sleep(DRAIN_MS, done.signal)]);
  done.abort();
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
  return enforcement;
}

/** In dry run too: keys that were really suspended before the switch to dry run are still owed their release. */
function webhookOf(config: Config): Enforcer | undefined {
  const { webhook } = config.enforce;
  if (webhook === undefined) return undefined;
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
