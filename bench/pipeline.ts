/**
 * `npm run bench:pipeline [-- --events N --keys N --partitions N --rounds N --seconds N --only file|kafka]`: events a
 * second and CPU time an event, from a file and from a real topic to decisions, through the composition that
 * `keywatch run` and `keywatch replay` use, beside a reader that only parses. Rounds are interleaved, every run is a
 * process of its own, and no further round begins after `--seconds`. The broker is the one that KAFKA_BROKERS names, else
 * one that is started here; where none can be had that part is left out and said so. Exit code 1 when a run fails, 2 for
 * a wrong command line.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatRecord } from '../src/simulate/simulate';
import type { Job, Measured } from './pipeline-worker';
import { type Broker, dropTopic, fillTopic, findBroker, makeTopic } from './support/broker';
import { median, spread, table, thousands, wholeNumber } from './support/figures';
import { traffic } from './support/traffic';

const RUN_MS = 120_000;

interface Options {
  readonly events: number;
  readonly keys: number;
  readonly partitions: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly only: string | undefined;
}

interface Subject {
  readonly what: Job['what'];
  readonly name: string;
  /** The run that it is compared with. */
  readonly base: Job['what'];
  readonly runs: Measured[];
}

const subject = (what: Job['what'], name: string, base: Job['what']): Subject => ({ what, name, base, runs: [] });

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: 'string', default: '300000' },
      keys: { type: 'string', default: '1000' },
      partitions: { type: 'string', default: '6' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '150' },
      only: { type: 'string' },
    },
  });
  if (values.only !== undefined && !['file', 'kafka'].includes(values.only))
    throw new RangeError('--only: expected file or kafka');
  return {
    events: wholeNumber('events', values.events, 20_000_000),
    keys: wholeNumber('keys', values.keys, 1_000_000),
    partitions: wholeNumber('partitions', values.partitions, 256),
    rounds: wholeNumber('rounds', values.rounds, 100),
    seconds: wholeNumber('seconds', values.seconds, 86_400),
    only: values.only,
  };
}

function writeLines(file: string, { events, keys }: Options): number {
  const out = openSync(file, 'w');
  const seen = new Set<string>();
  let text = '';
  for (const record of traffic(events, keys)) {
    seen.add(record.key);
    text += `${formatRecord(record)}\n`;
    if (text.length < 1_000_000) continue;
    writeSync(out, text);
    text = '';
  }
  writeSync(out, text);
  closeSync(out);
  return seen.size;
}

function* records({ events, keys }: Options) {
  for (const record of traffic(events, keys)) yield { key: record.key, value: formatRecord(record) };
}

function runOnce(job: Job): Promise<Measured> {
  const args = ['-r', join(__dirname, 'register.js'), join(__dirname, 'pipeline-worker.ts'), JSON.stringify(job)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: RUN_MS }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${job.what}: ${stderr.trim() || error.message}`));
      else resolve(JSON.parse(stdout) as Measured);
    });
  });
}

function report(subjects: readonly Subject[]): string {
  const cpu = (run: Measured) => (run.cpuSeconds * 1e6) / run.events;
  const rows = subjects.map(({ name, base, runs }) => {
    const beside = subjects.find(({ what }) => what === base)!.runs;
    return [
      name,
      thousands(runs.map((run) => run.events / run.seconds)),
      spread(runs.map(cpu), 2),
      (median(runs.map(cpu)) / median(beside.map(cpu))).toFixed(2),
      (median(runs.map((run) => run.rssBytes)) / 1e6).toFixed(0),
      String(runs[0].alerts),
      String(runs[0].requests),
    ];
  });
  return table(['run', 'events/s', 'CPU µs an event', 'of parsing alone', 'RSS MB', 'alerts', 'requests'], rows);
}

async function measure(options: Options, dir: string, broker: Broker | undefined): Promise<void> {
  const file = join(dir, 'access.ndjson');
  const topic = `keywatch-bench-${randomBytes(4).toString('hex')}`;
  const begun = Date.now();
  const keys = writeLines(file, options);
  const size = statSync(file).size / options.events;
  if (broker !== undefined) await fillTopic(broker.brokers, topic, options.partitions, records(options));
  const subjects = [
    ...(options.only === 'kafka'
      ? []
      : [
          subject('file-parse', 'file: read and JSON.parse alone', 'file-parse'),
          subject('file-replay', 'file: keywatch replay', 'file-parse'),
          subject('file-run', 'file: keywatch run', 'file-parse'),
        ]),
    ...(broker === undefined
      ? []
      : [
          subject('kafka-parse', 'topic: kafkajs and JSON.parse alone', 'kafka-parse'),
          subject('kafka-run', 'topic: keywatch run', 'kafka-parse'),
          subject('kafka-log-run', 'topic: keywatch run through the internal log', 'kafka-parse'),
        ]),
  ];
  let rounds = 0;
  try {
    while (rounds < options.rounds && (rounds === 0 || Date.now() - begun < options.seconds * 1000)) {
      for (const { what, runs } of subjects) {
        const group = `${topic}-${what}-${rounds}`;
        const { events, partitions } = options;
        const log = what === 'kafka-log-run' ? { topic: `${group}-log`, partitions } : undefined;
        if (log !== undefined) await makeTopic(broker!.brokers, log.topic, partitions);
        runs.push(await runOnce({ what, events, file, brokers: broker?.brokers ?? [], topic, group, log }));
        if (log !== undefined) await dropTopic(broker!.brokers, log.topic).catch(() => undefined);
      }
      rounds++;
    }
  } finally {
    if (broker !== undefined) await dropTopic(broker.brokers, topic).catch(() => undefined);
  }
  console.log(
    `${options.events.toLocaleString('en-US')} events of ${keys.toLocaleString('en-US')} keys, ${size.toFixed(0)} bytes each, ` +
      `${broker === undefined ? 'no topic' : `topic of ${options.partitions} partitions, uncompressed`}; ` +
      `${rounds} rounds: median [min..max].\n`,
  );
  console.log(report(subjects));
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  console.log(
    `Node ${process.version}, ${cpus().length} cores (${cpus()[0].model.trim()}), the broker on the same ones.`,
  );
  const dir = mkdtempSync(join(tmpdir(), 'keywatch-bench-'));
  let broker: Broker | undefined;
  try {
    if (options.only !== 'file') {
      broker = await findBroker().catch((error: Error) => {
        if (options.only === 'kafka') throw error;
        console.error(`bench:pipeline: the topic is LEFT OUT: ${error.message}`);
        return undefined;
      });
    }
    await measure(options, dir, broker);
  } finally {
    broker?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(`bench:pipeline: ${error.message}`);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
});
