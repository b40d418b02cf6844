import type { Format } from '../../config';
import { command, format as formatOption, help } from '../command';
import { format, text, time, type Words, whole } from '../words';

export interface SimulateInvocation {
  readonly command: 'simulate';
  readonly seed: number;
  readonly keys: number;
  readonly days: number;
  readonly rate: number;
  readonly thefts: number;
  /** Milliseconds UTC. */
  readonly start: number | undefined;
  /** Logs to put thefts into; empty: the traffic is simulated too. */
  readonly into: readonly string[];
  readonly format: Format | undefined;
  readonly labels: string | undefined;
  readonly newcomers: string | undefined;
  readonly attackLines: string | undefined;
}

export const simulateCommand = command({
  summary: 'Write labelled traffic of a simulated fleet of API keys, or put simulated thefts into a log.',
  usage:
    'keywatch simulate [--seed N] [--keys N] [--days N] [--thefts N] [--labels FILE] [OPTIONS]\n       keywatch simulate --into FILE [--into …] --labels FILE [--thefts N] [--seed N] [OPTIONS]',
  about: [
    "Writes usage events in keywatch's own format as NDJSON on standard output, in time order. The same options give",
    'the same bytes. The thefts hidden in it are listed in the file of --labels, one JSON object a line.',
    '',
    'With --into the traffic is that of a log, read twice and written in the same format, with thieves of the simulated',
    'kinds among its clients: they use keys of the log, in the last 35 % of its time, and do what its clients do.',
    'Kinds take turns; those that the log offers no place for are left out.',
  ],
  options: {
    seed: { type: 'string', value: 'N', help: 'Number that decides everything random (default 1).' },
    keys: { type: 'string', value: 'N', help: 'Keys in the fleet, 1–65,536 (default 50).' },
    days: { type: 'string', value: 'N', help: 'Days of traffic, 1–3,660 (default 14).' },
    rate: { type: 'string', value: 'N', help: 'Requests of a key on a mean day, 1–1,000,000 (default 400).' },
    thefts: { type: 'string', value: 'N', help: 'Thefts, in the last third of the time (default 5).' },
    start: { type: 'string', value: 'TIME', help: 'First moment, RFC 3339 (default 2026-01-05T00:00:00Z).' },
    into: { type: 'string', value: 'FILE', many: true, help: 'A log to put thefts into, plain or gzip.' },
    format: formatOption('Of --into: '),
    labels: { type: 'string', value: 'FILE', help: 'Write here when and how each key was stolen.' },
    newcomers: { type: 'string', value: 'FILE', help: 'Write here what begins harmlessly; not with --into.' },
    'attack-lines': {
      type: 'string',
      value: 'FILE',
      help: 'Write here, at the end, the lines (from 0) of the thieves’ requests.',
    },
    help,
  },
  files: 0,
  examples: [
    ['Two weeks, and what to find in them', 'keywatch simulate --labels labels.ndjson > events.ndjson'],
    ['Straight into a replay', 'keywatch simulate --keys 20 | keywatch replay --report -'],
    [
      'Thieves in a log of your own',
      'keywatch simulate --into access.ndjson.gz --thefts 20 --labels labels.ndjson > mixed.ndjson',
    ],
  ],
  read,
  run: (invocation, context) =>
    (require('../simulate') as typeof import('../simulate')).simulateCommand(invocation, context),
});

/** Options that describe simulated traffic. */
const ofSimulated = ['keys', 'days', 'rate', 'start', 'newcomers'] as const;

function read(words: Words): SimulateInvocation {
  const { faults, options } = words;
  const into = words.repeated.get('into') ?? [];
  if (options.has('into')) {
    for (const name of ofSimulated)
      if (options.has(name)) faults.push(`--${name} does not go with --into: the log has its own`);
    if (!options.has('labels')) faults.push('--into hides thefts in the log: --labels FILE, to find them again');
    if (into.includes('-')) faults.push('--into reads the log twice: it cannot be standard input');
  } else if (options.has('format')) faults.push('--format says how --into is written: give --into FILE');
  return {
    command: 'simulate',
    seed: whole(words, 'seed', 1, 0, Number.MAX_SAFE_INTEGER),
    keys: whole(words, 'keys', 50, 1, 65_536),
    days: whole(words, 'days', 14, 1, 3_660),
    rate: whole(words, 'rate', 400, 1, 1_000_000),
    thefts: whole(words, 'thefts', 5, 0, 10_000),
    start: time(words, 'start'),
    into,
    format: format(words),
    labels: text(words, 'labels'),
    newcomers: text(words, 'newcomers'),
    attackLines: text(words, 'attack-lines'),
  };
}
