/**
 * One measured run in a process of its own, started by `pipeline.ts` with a job as JSON. Prints what it measured as JSON.
 * The clock starts at the first batch of records and stops when the last event has been decided (or parsed): start-up,
 * the joining of the group, and what is still on its way to slow sinks are not in it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Kafka } from 'kafkajs';
import { readHistory } from '../src/adapters/file/history';
import { runLive, runReplay } from '../src/app';
import { type Config, configSchema } from '../src/config';
import { Engine } from '../src/engine';
import type { CommandContext } from '../src/options';
import { kafkaClient } from './support/broker';

export interface Job {
  readonly what: 'file-parse' | 'file-replay' | 'file-run' | 'kafka-parse' | 'kafka-run' | 'kafka-log-run';
  readonly events: number;
  readonly file: string;
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  /** The internal log of `kafka-log-run`. */
  readonly log?: { readonly topic: string; readonly partitions: number } | undefined;
}

export interface Measured {
  readonly seconds: number;
  /** CPU time of the whole process, garbage collection and helper threads included. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  readonly events: number;
  readonly alerts: number;
  readonly requests: number;
}

/** Counts events from the first batch on; calls `done` at the last one. */
function stopwatch(events: number, done: () => void) {
  let begun: { at: bigint; cpu: NodeJS.CpuUsage } | undefined;
  let seen = 0;
  let alerts = 0;
  let requests = 0;
  let measured: Measured | undefined;
  return {
    begin(): void {
      begun ??= { at: process.hrtime.bigint(), cpu: process.cpuUsage() };
    },
    count(more: number, moreAlerts: number, moreRequests: number): void {
      seen += more;
      alerts += moreAlerts;
      requests += moreRequests;
      if (seen < events || begun === undefined || measured !== undefined) return;
      const { user, system } = process.cpuUsage(begun.cpu);
      const seconds = Number(process.hrtime.bigint() - begun.at) / 1e9;
      const rssBytes = process.memoryUsage.rss();
      measured = { seconds, cpuSeconds: (user + system) / 1e6, rssBytes, events: seen, alerts, requests };
      done();
    },
    result(): Measured {
      if (measured === undefined) throw new Error(`only ${seen} of ${events} events arrived`);
      return measured;
    },
  };
}

type Stopwatch = ReturnType<typeof stopwatch>;

/** The engine is the last stage before effects, so its calls tell when decisions fall; once a slice costs nothing. */
function watchEngine(watch: Stopwatch): void {
  const { advance } = Engine.prototype;
  Engine.prototype.advance = function (this: Engine, entries, end) {
    watch.begin();
    const effects = advance.call(this, entries, end);
    watch.count(effects.events + effects.late, effects.alerts.length, effects.requests.length);
    return effects;
  };
}

/** With an internal log the work begins before the engine sees anything: with the first batch of any consumer. */
function watchConsumers(watch: Stopwatch): void {
  const { consumer } = Kafka.prototype;
  Kafka.prototype.consumer = function (this: Kafka, config) {
    const made = consumer.call(this, config);
    const { run } = made;
    made.run = (running) =>
      run({
        ...running,
        eachBatch: async (payload) => {
          watch.begin();
          await running?.eachBatch?.(payload);
        },
      });
    return made;
  };
}

const nowhere = (): Writable => new Writable({ write: (_chunk, _encoding, next) => next() });

function contextOf(stop: AbortSignal): CommandContext {
  const colour = { out: false, err: false };
  const terminal = { out: nowhere(), err: nowhere(), outIsTty: false, errIsTty: false, colour, width: 80 };
  return { terminal, stop, version: 'bench' };
}

const configOf = (dir: string, source: Config['source']): Config =>
  configSchema.parse({
    source,
    detect: { maxKeys: 1_000_000 },
    ingest: { format: 'keywatch' },
    alerts: [{ kind: 'file', path: join(dir, 'alerts.ndjson') }],
    deadLetters: [{ kind: 'file', path: join(dir, 'dead-letters.ndjson') }],
    state: { dir: join(dir, 'state') },
    http: { port: 0 },
    log: { level: 'error' },
  } as object);

async function kafkaParse(job: Job, watch: Stopwatch, stop: AbortSignal): Promise<void> {
  const consumer = kafkaClient(job.brokers).consumer({ groupId: job.group, maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topic: job.topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      watch.begin();
      let parsed = 0;
      for (const { value } of batch.messages) if (JSON.parse(String(value)).key !== '') parsed++;
      watch.count(parsed, 0, 0);
    },
  });
  await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
  await consumer.disconnect();
}

async function fileParse(job: Job, watch: Stopwatch): Promise<void> {
  watch.begin();
  for await (const { lines } of readHistory([job.file], { timeOf: () => undefined })) {
    let parsed = 0;
    for (const line of lines) if (JSON.parse(line.toString()).key !== '') parsed++;
    watch.count(parsed, 0, 0);
  }
}

async function work(job: Job): Promise<Measured> {
  const stop = new AbortController();
  const watch = stopwatch(job.events, () => stop.abort());
  const dir = mkdtempSync(join(tmpdir(), 'keywatch-bench-'));
  const context = contextOf(stop.signal);
  try {
    if (job.what === 'file-parse') await fileParse(job, watch);
    else if (job.what === 'kafka-parse') await kafkaParse(job, watch, stop.signal);
    else {
      watchEngine(watch);
      if (job.what === 'kafka-log-run') watchConsumers(watch);
      if (job.what === 'file-run') {
        await runLive(configOf(dir, { kind: 'file', path: job.file, follow: false, start: 'earliest' }), context);
      } else if (job.what === 'kafka-run' || job.what === 'kafka-log-run') {
        const { brokers, topic, group } = job;
        const log = job.log && { ...job.log, group: `${group}-detect`, generation: 1, roles: ['ingest', 'detect'] };
        const source = { kind: 'kafka', brokers, topic, group, start: 'earliest', log };
        await runLive(configOf(dir, source as unknown as Config['source']), context);
      } else {
        // A replay that is stopped rejects; by then the last event has been decided.
        await runReplay({
          ...context,
          files: [job.file],
          config: undefined,
          format: 'keywatch',
          partitions: 1,
          report: false,
        }).catch((error) => {
          if (!stop.signal.aborted) throw error;
        });
      }
    }
    return watch.result();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

if (require.main === module) {
  work(JSON.parse(process.argv[2]) as Job).then(
    (measured) => process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0)),
    (error) => {
      process.stderr.write(`${(error as Error).stack}\n`);
      process.exit(1);
    },
  );
}
