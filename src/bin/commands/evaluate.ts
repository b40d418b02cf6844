import type { Format } from '../../config';
import { command, config, format as formatOption, help } from '../command';
import { format, text, type Words, whole } from '../words';

export interface EvaluateInvocation {
  readonly command: 'evaluate';
  readonly files: readonly string[];
  readonly labels: string | undefined;
  readonly newcomers: string | undefined;
  readonly attackLines: string | undefined;
  readonly plain: string | undefined;
  readonly windows: string | undefined;
  readonly sets: readonly string[];
  readonly inject: number | undefined;
  readonly seed: number;
  readonly budget: number | undefined;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly config: string | undefined;
  readonly format: Format | undefined;
}

export const evaluateCommand = command({
  summary: 'Measure on labelled traffic what is found and what is falsely alerted.',
  usage:
    'keywatch evaluate FILE… (--labels FILE | --inject N) [OPTIONS]\n       keywatch evaluate --set DIR/PREFIX [--set …] [OPTIONS]',
  about: [
    'Runs logs as replay does and scores the alerts: thefts found by kind, requests of the thief until the alert, false',
    'alerts per 1,000 key-days, found within budgets of false alerts, cross-validated over keys, with intervals, beside',
    'plain rules (new country, new /16, new agent, rare values, a coin). Without labels, --inject makes thefts of the',
    'log itself: requests of other keys’ clients are moved to a key. Several --set are pooled under one threshold; a',
    'set without a theft is a control.',
  ],
  options: {
    labels: { type: 'string', value: 'FILE', help: 'The thefts, one {key, start, windowEnd, kind} a line.' },
    newcomers: { type: 'string', value: 'FILE', help: 'Harmless newcomers, one {key, first, last} a line.' },
    'attack-lines': { type: 'string', value: 'FILE', help: 'JSON array: lines (from 0) of the thieves’ requests.' },
    plain: { type: 'string', value: 'FILE', help: 'The same traffic without the incidents of --windows.' },
    windows: { type: 'string', value: 'FILE', help: 'Incidents of the whole fleet, one {start, end, kind} a line.' },
    set: { type: 'string', value: 'DIR/PREFIX', many: true, help: 'A labelled stream with its files beside it.' },
    inject: { type: 'string', value: 'N', help: 'Make N thefts of the log itself, 1–10,000.' },
    seed: { type: 'string', value: 'N', help: 'Decides thefts, intervals and the coin (default 1).' },
    budget: { type: 'string', value: 'N', help: 'Name the risk that keeps N false alerts per 1,000 key-days.' },
    json: { type: 'string', value: 'FILE', help: 'Write everything here as JSON.' },
    html: { type: 'string', value: 'FILE', help: 'Write a page with plots here.' },
    config: config('Take detection, policy and formats from this configuration.'),
    format: formatOption(''),
    help,
  },
  files: Number.POSITIVE_INFINITY,
  examples: [
    ['On your own log, with thefts made of it', 'keywatch evaluate access.ndjson.gz --inject 40 --html report.html'],
    [
      'On simulated traffic',
      'keywatch simulate --labels labels.ndjson > events.ndjson && keywatch evaluate events.ndjson --labels labels.ndjson',
    ],
    [
      'Which risk keeps 10 false alerts per 1,000 key-days?',
      'keywatch evaluate access.ndjson.gz --inject 40 --budget 10',
    ],
  ],
  read,
  run: (invocation, context) => (require('../evaluate') as typeof import('../evaluate')).evaluate(invocation, context),
});

/** Options that describe the stream of the named files. */
const ofFiles = ['labels', 'newcomers', 'attack-lines', 'plain', 'windows', 'inject'] as const;

function read(words: Words): EvaluateInvocation {
  const { files, faults } = words;
  const sets = words.repeated.get('set') ?? [];
  const given = (name: string) => words.options.has(name);
  if (files.length === 0 && !given('set')) faults.push('a file is missing: a log, or --set DIR/PREFIX');
  for (const name of ofFiles) {
    if (files.length === 0 && given('set') && given(name)) faults.push(`--${name} needs a file: a set has its own`);
  }
  if (files.length > 0 && !given('labels') && !given('inject') && !given('windows')) {
    faults.push('the thefts are missing: --labels FILE, or --inject N to make them of the log');
  }
  if (given('labels') && given('inject')) faults.push('--inject makes the labels: give --labels or --inject');
  if (given('plain') !== given('windows')) faults.push('--plain and --windows belong together');
  if (given('inject') && files.includes('-')) faults.push('--inject reads the log twice: it cannot be standard input');
  return {
    command: 'evaluate',
    files,
    labels: text(words, 'labels'),
    newcomers: text(words, 'newcomers'),
    attackLines: text(words, 'attack-lines'),
    plain: text(words, 'plain'),
    windows: text(words, 'windows'),
    sets,
    inject: given('inject') ? whole(words, 'inject', 1, 1, 10_000) : undefined,
    seed: whole(words, 'seed', 1, 0, 4_294_967_295),
    budget: given('budget') ? whole(words, 'budget', 10, 1, 100_000) : undefined,
    json: text(words, 'json'),
    html: text(words, 'html'),
    config: text(words, 'config'),
    format: format(words),
  };
}
