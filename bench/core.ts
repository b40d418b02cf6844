/**
 * `npm run bench:core [-- --events N --keys A,B,C --history N --rounds N]`: what the engine alone costs, without reading,
 * parsing and geography. The engine learns `--history` events a key, then `--events` more are measured: prepared before
 * the clock starts, on a fresh engine restored from the same checkpoint in every round. Exit code 2 for a wrong command
 * line.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createGeoip } from '../src/adapters/geoip';
import { engineSettings, placing } from '../src/app/core';
import { configSchema } from '../src/config';
import type { Detector } from '../src/detect/detector';
import { Engine, type LogEntry } from '../src/engine';
import { createIngest } from '../src/ingest/ingest';
import { median, spread, table, wholeNumber } from './support/figures';
import { traffic } from './support/traffic';

const SLICE = 500;
/** Events learned beforehand, at most. */
const MAX_HISTORY = 3_000_000;
const settings = engineSettings(configSchema.parse({ source: { kind: 'stdin' } }), 0);

interface Slice {
  readonly entries: LogEntry[];
  /** The place after it. */
  next: number;
}

/** Slices as the sources cut them, made one at a time. */
function* slicesOf(count: number, keys: number): Generator<Slice> {
  const { ingest } = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 65_536 });
  const place = placing(createGeoip());
  let slice: Slice = { entries: [], next: 0 };
  for (const record of traffic(count, keys)) {
    for (const result of ingest(Buffer.from(JSON.stringify(record)))) {
      if (result.kind !== 'event') throw new Error('the simulator made a record that ingest does not take');
      slice.entries.push({ kind: 'event', offset: slice.next, event: place(result.event), timestamp: undefined });
    }
    slice.next++;
    if (slice.entries.length < SLICE) continue;
    yield slice;
    slice = { entries: [], next: slice.next };
  }
  if (slice.entries.length > 0) yield slice;
}

interface Scene {
  /** State of an engine that has learned the history. */
  readonly checkpoint: Uint8Array;
  /** Microseconds an event while learning it, most keys being new; preparing the events is not in it. */
  readonly learning: number;
  readonly slices: readonly Slice[];
}

function prepare(keys: number, history: number, events: number): Scene {
  const warm = Math.min(MAX_HISTORY, history * keys);
  const engine = new Engine(settings);
  const slices: Slice[] = [];
  let nanoseconds = 0n;
  let learned = 0;
  for (const slice of slicesOf(warm + events, keys)) {
    if (learned >= warm) {
      slices.push(slice);
      continue;
    }
    const begun = process.hrtime.bigint();
    engine.advance(slice.entries, { next: slice.next, cursor: '' });
    nanoseconds += process.hrtime.bigint() - begun;
    learned += slice.entries.length;
  }
  return { checkpoint: engine.checkpoint(), learning: Number(nanoseconds) / 1_000 / learned, slices };
}

interface Run {
  readonly engine: Engine;
  /** Microseconds an event. */
  readonly cost: number;
  readonly alerts: number;
}

function run({ checkpoint, slices }: Scene, detectors: readonly Detector[]): Run {
  const engine = new Engine({ ...settings, detectors });
  engine.restore(checkpoint);
  let alerts = 0;
  let events = 0;
  const begun = process.hrtime.bigint();
  for (const { entries, next } of slices) {
    alerts += engine.advance(entries, { next, cursor: '' }).alerts.length;
    events += entries.length;
  }
  return { engine, cost: Number(process.hrtime.bigint() - begun) / 1_000 / events, alerts };
}

/** Bytes in use by this process after a full collection, typed arrays included. */
function inUse(): number {
  if (global.gc === undefined) throw new Error('run with --expose-gc, as npm run bench:core does');
  global.gc();
  global.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes that an engine with this state adds to the process. */
function engineBytes({ checkpoint }: Scene): number {
  const before = inUse();
  const engine = new Engine(settings);
  engine.restore(checkpoint);
  const bytes = inUse() - before;
  // Used after the measurement, so that it cannot be collected before.
  return engine.keys > 0 ? bytes : 0;
}

function sizes(scenes: readonly Scene[], rounds: number): string {
  const rows = scenes.map((scene) => {
    const runs = Array.from({ length: rounds + 1 }, () => run(scene, settings.detectors)).slice(1);
    const { engine, alerts } = runs[runs.length - 1];
    const bytes = engineBytes(scene);
    return [
      engine.keys.toLocaleString('en-US'),
      (firstOffset(scene) / engine.keys).toFixed(0),
      scene.learning.toFixed(2),
      spread(
        runs.map(({ cost }) => cost),
        2,
      ),
      (bytes / engine.keys).toFixed(0),
      (engine.bytes / engine.keys).toFixed(0),
      (scene.checkpoint.length / engine.keys).toFixed(0),
      `${engine.openIncidents.toLocaleString('en-US')}, ${alerts.toLocaleString('en-US')}`,
    ];
  });
  return table(
    [
      'keys',
      'history, events a key',
      'µs an event, learning it',
      'µs an event after it',
      'bytes a key, measured',
      'own account',
      'checkpoint',
      'incidents, alerts',
    ],
    rows,
  );
}

/** Offset of the first measured event: how many were learned. */
const firstOffset = ({ slices }: Scene): number => slices[0].next - slices[0].entries.length;

/** Interleaved: in each round every variant runs once, so that a busy minute of the machine meets all of them. */
function shares(scene: Scene, rounds: number): string {
  const all = settings.detectors;
  const variants: { name: string; detectors: readonly Detector[]; costs: number[] }[] = [
    { name: 'all detectors', detectors: all, costs: [] },
    ...all.map((one) => ({ name: `without ${one.name}`, detectors: all.filter((d) => d !== one), costs: [] })),
    { name: 'none', detectors: [], costs: [] },
  ];
  for (const { detectors } of variants) run(scene, detectors);
  for (let round = 0; round < rounds; round++) {
    for (const { detectors, costs } of variants) costs.push(run(scene, detectors).cost);
  }
  const whole = median(variants[0].costs);
  return table(
    ['engine', 'µs an event', 'less by'],
    variants.map(({ name, costs }) => [name, spread(costs, 2), (whole - median(costs)).toFixed(2)]),
  );
}

function main(): void {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '100000' },
      keys: { type: 'string', default: '1000,10000,100000' },
      history: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const events = wholeNumber('events', values.events, 5_000_000);
  const rounds = wholeNumber('rounds', values.rounds, 50);
  const history = wholeNumber('history', values.history, 10_000);
  const counts = values.keys.split(',').map((text) => wholeNumber('keys', text, 1_000_000));
  const middle = Math.min(1, counts.length - 1);
  console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0].model.trim()}), one used.`);
  console.log(
    `${events.toLocaleString('en-US')} simulated events measured, ${rounds} rounds after one to warm up: median [min..max].\n`,
  );
  const scenes = counts.map((keys) => prepare(keys, history, events));
  console.log(`${sizes(scenes, rounds)}\n`);
  console.log(
    `What a detector costs at ${counts[middle].toLocaleString('en-US')} keys: the engine with it left out.\n`,
  );
  console.log(shares(scenes[middle], rounds));
}

try {
  main();
} catch (error) {
  console.error(`bench:core: ${(error as Error).message}`);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
