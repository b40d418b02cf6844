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
}

export const replayCommand = command({
  summary: 'Read a usage log from the past and say what would have been alerted.',
  usage: 'keywatch replay FILE… [-c FILE] [--format NAME] [--partitions N] [--report]',
  about: [
    'Reads usage logs as NDJSON or text, plain or gzip; several files are read in time order; a directory stands for',
    'the files in it, - for standard input. Alerts and the actions that would have been asked for come as NDJSON on',
    'standard output, one ECS document a line. Nothing is suspended and nothing is sent.',
  ],
  options: {
    config: config('Take detection, policy and formats from this configuration.'),
    format: formatOption(''),
    partitions: { type: 'string', value: 'N', help: 'Divide the keys as a log of N partitions would (default 1).' },
    report: { type: 'boolean', help: 'A page for people instead of NDJSON.' },
    help,
  },
  files: Number.POSITIVE_INFINITY,
  examples: [
    ['Read a page about last month', 'keywatch replay --report access-2026-01.ndjson.gz'],
    ['Only the alerts, not their updates and endings', 'keywatch replay logs/ | jq \'select(.event.kind == "alert")\''],
    ['From standard input, NGINX format', 'zcat access.log.*.gz | keywatch replay --format nginx-combined -'],
  ],
  read,
  run: (invocation, context) => (require('../replay') as typeof import('../replay')).replay(invocation, context),
});

function read(words: Words): ReplayInvocation {
  if (words.files.length === 0) words.faults.push('a file is missing: a log, a directory, or - for standard input');
  return {
    command: 'replay',
    files: words.files,
    config: text(words, 'config'),
    format: format(words),
    partitions: whole(words, 'partitions', 1, 1, 1_024),
    report: words.options.has('report'),
  };
}
