import type { Format } from '../../config';
import { command, config, format as formatOption, help } from '../command';
import { format, text, type Words, whole } from '../words';

export interface ReplayInvocation {
  readonly command: 'replay';
  readonly files: readonly string[];
  readonly config: string | undefined;
  readonly format: Format | undefined;
  readonly partitions: number;
  readonly report: boolean;
  /** A proposed policy to compare with the present one. */
  readonly policy: string | undefined;
  readonly json: boolean;
}

export const replayCommand = command({
  summary: 'Read a usage log from the past and say what would have been alerted.',
  usage:
    'keywatch replay FILE… [-c FILE] [--format NAME] [--partitions N] [--report]\n       keywatch replay FILE… [-c FILE] [--format NAME] --policy FILE [--json]',
  about: [
    'Reads usage logs as NDJSON or text, plain or gzip; several files are read in time order; a directory stands for',
    'the files in it, - for standard input. Alerts and the actions that would have been asked for come as NDJSON on',
    'standard output, one ECS document a line. Nothing is suspended and nothing is sent.',
    'With --policy it says instead which keys the present policy and that of FILE would have acted on, when and why.',
  ],
  options: {
    config: config('Take detection, policy and formats from this configuration.'),
    format: formatOption(''),
    partitions: { type: 'string', value: 'N', help: 'Divide the keys as a log of N partitions would (default 1).' },
    report: { type: 'boolean', help: 'A page for people instead of NDJSON.' },
    policy: { type: 'string', value: 'FILE', help: 'Compare with the policy and rails of this file.' },
    json: { type: 'boolean', help: 'With --policy: one JSON object instead of the page.' },
    help,
  },
  files: Number.POSITIVE_INFINITY,
  examples: [
    ['Read a page about last month', 'keywatch replay --report access-2026-01.ndjson.gz'],
    ['Only the alerts, not their updates and endings', 'keywatch replay logs/ | jq \'select(.event.kind == "alert")\''],
    ['What would a new policy have done?', 'keywatch replay access.ndjson -c keywatch.yaml --policy new.yaml'],
    ['From standard input, NGINX format', 'zcat access.log.*.gz | keywatch replay --format nginx-combined -'],
  ],
  read,
  run: (invocation, context) => (require('../replay') as typeof import('../replay')).replay(invocation, context),
});

function read(words: Words): ReplayInvocation {
  if (words.files.length === 0) words.faults.push('a file is missing: a log, a directory, or - for standard input');
  const compares = words.options.has('policy');
  if (compares && words.options.has('report')) words.faults.push('--policy has a page of its own: leave out --report');
  if (compares && words.options.has('partitions')) words.faults.push('--partitions does not go with --policy');
  if (words.options.has('json') && !compares) words.faults.push('--json goes with --policy; a replay is NDJSON anyway');
  return {
    command: 'replay',
    files: words.files,
    config: text(words, 'config'),
    format: format(words),
    partitions: whole(words, 'partitions', 1, 1, 1_024),
    report: words.options.has('report'),
    policy: text(words, 'policy'),
    json: words.options.has('json'),
  };
}
