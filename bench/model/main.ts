/**
 * `npm run bench:model [-- --events N --keys N --rounds N --hidden A,B,C]`: what scoring a window costs in the plain pass,
 * which is the one that decides, and in every TensorFlow.js runtime that is here; their start and memory, and training;
 * then what the shipped model in shadow costs an event in the engine. Every runtime is a process of its own. Exit code 2 for a wrong command
 * line, 1 when a runtime fails.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FEATURES } from '../../src/detect/model/features';
import { median, spread, table, wholeNumber } from '../support/figures';
import { type EventCosts, eventCosts } from './events';
import type { RuntimeFigures, RuntimeJob } from './runtime';

const BATCHES = [1, 32, 256];
const MB = 2 ** 20;
/** Of the engine: short ones, the least of which counts. */
const SLICE_ROUNDS = 24;

function measured(job: RuntimeJob): RuntimeFigures {
  const register = join(__dirname, '..', 'register.js');
  const args = ['-r', register, join(__dirname, 'runtime.ts'), JSON.stringify(job)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) throw new Error(`the run of ${job.name} failed: ${stderr.trim().slice(-400)}`);
  return JSON.parse(stdout) as RuntimeFigures;
}

function row(name: string, figures: RuntimeFigures): string[] {
  const { version, why, start, memory, costs, training } = figures;
  if (version === undefined) return [name, `not here: ${why}`, ...BATCHES.map(() => ''), '', '', ''];
  return [
    name,
    version,
    ...costs.map((rounds) => spread(rounds, 2)),
    training === undefined ? '' : training.toFixed(1),
    start.toFixed(0),
    (memory / MB).toFixed(0),
  ];
}

function eventLines({ events, looks, off, shadow, halves }: EventCosts, one: readonly (readonly [string, number])[]) {
  const share = looks / events;
  const cells = (name: string, pick: (side: { off: number; shadow: number }) => number) => [
    name,
    ...[{ off, shadow }, ...halves].map((side) => pick(side).toFixed(2)),
  ];
  return [
    `${events.toLocaleString('en-US')} events through the engine, ${looks.toLocaleString('en-US')} looks at a window (${share.toFixed(3)} an event).`,
    'The least CPU time of all rounds for each slice of 250 events; beside it that of the first and of the second half of the rounds.',
    '',
    table(
      ['shipped model', 'µs an event', 'first half', 'second half'],
      [
        cells('off', (side) => side.off),
        cells('in shadow', (side) => side.shadow),
        cells('what it adds', (side) => side.shadow - side.off),
      ],
    ),
    '',
    'The scoring alone, an event: looks an event times the cost of a window at batch 1.',
    '',
    table(
      ['pass', 'µs an event'],
      one.map(([name, cost]) => [name, (share * cost).toFixed(2)]),
    ),
  ].join('\n');
}

function main(): void {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '20000' },
      keys: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '5' },
      hidden: { type: 'string', default: '16,6,16' },
    },
  });
  const rounds = wholeNumber('rounds', values.rounds, 50);
  const events = wholeNumber('events', values.events, 5_000_000);
  const keys = wholeNumber('keys', values.keys, 1_000_000);
  const hidden = values.hidden.split(',').map((text) => wholeNumber('hidden', text, 1024));
  console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0].model.trim()}).`);
  console.log(
    `Net: ${[FEATURES, ...hidden, FEATURES].join('-')}; ${rounds} rounds after one to warm up: CPU time, median [min..max].\n`,
  );
  const runs = (['plain', 'cpu', 'wasm', 'node'] as const).map((name) => {
    const figures = measured({ name, hidden, batches: BATCHES, rounds });
    return { name: name === 'plain' ? 'plain pass' : `TensorFlow.js ${name}`, figures };
  });
  const batches = BATCHES.map((batch) => `µs a window, batch ${batch}`);
  console.log(
    `${table(
      ['pass', 'version', ...batches, 'training, µs a window and epoch', 'start, ms', 'RSS, MB'],
      runs.map(({ name, figures }) => row(name, figures)),
    )}\n`,
  );
  const one = runs
    .filter(({ figures }) => figures.version !== undefined)
    .map(({ name, figures }): [string, number] => [name, median(figures.costs[0])]);
  console.log(eventLines(eventCosts(events, keys, SLICE_ROUNDS), one));
}

try {
  main();
} catch (error) {
  console.error(`bench:model: ${(error as Error).message}`);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
