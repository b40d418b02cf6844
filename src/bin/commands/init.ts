import type { Format } from '../../config';
import { command, format as formatOption, help } from '../command';
import { format, text, type Words } from '../words';

export interface InitInvocation {
  readonly command: 'init';
  /** What was not given is asked for where somebody can answer. */
  readonly file: string | undefined;
  readonly brokers: readonly string[] | undefined;
  readonly topic: string | undefined;
  readonly sample: string | undefined;
  readonly format: Format | undefined;
  readonly keyField: string | undefined;
  readonly out: string;
  readonly force: boolean;
}

/** `host:port,host:port` as a list, or undefined where it is none. */
export const brokersOf = (text: string): readonly string[] | undefined => {
  const brokers = text.split(',').map((broker) => broker.trim());
  return brokers.every((broker) => /^[^\s:@]+:\d{1,5}$/.test(broker)) ? brokers : undefined;
};

/** Not repeated: what stands where a broker belongs may hold a password. */
export const brokersFault = '--kafka: expected host:port, several with commas; credentials do not belong here';

export const initCommand = command({
  summary: 'Look at a log and write a configuration for it.',
  usage: 'keywatch init [--file PATH | --kafka BROKERS --topic NAME] [--sample FILE] [--format NAME] [--out FILE]',
  about: [
    'Reads up to 2,000 records, recognises the format, and writes a configuration with its next steps as comments,',
    'which it checks first. Says what it saw: keys, events, time, what it could not read, secrets that it removed;',
    'counts, and no value of a record. Where neither --file nor --kafka is given it asks, if standard input is a',
    'terminal. It contacts no broker: for a topic, --sample names a file with some of its records. Where it finds no',
    'usage event, it writes nothing.',
  ],
  options: {
    file: { type: 'string', value: 'PATH', help: 'The log, a file that grows.' },
    kafka: { type: 'string', value: 'BROKERS', help: 'The log is a topic: host:port, several with commas.' },
    topic: { type: 'string', value: 'NAME', help: 'The topic.' },
    sample: { type: 'string', value: 'FILE', help: 'Look at this in place of the log; plain, gzip or a directory.' },
    format: formatOption(''),
    'key-field': { type: 'string', value: 'NAME', help: 'Field that holds the key, where it is not a usual one.' },
    out: { type: 'string', value: 'FILE', help: 'Write here (default keywatch.yaml).' },
    force: { type: 'boolean', help: 'Replace what is there.' },
    help,
  },
  files: 0,
  examples: [
    ['A log on this machine', 'keywatch init --file /var/log/nginx/access.json'],
    [
      'A topic, looked at through an hour of it',
      'keywatch init --kafka kafka-1.example:9092 --topic api-usage --sample hour.ndjson.gz',
    ],
  ],
  read,
  run: (invocation, context) => (require('../init') as typeof import('../init')).init(invocation, context),
});

function read(words: Words): InitInvocation {
  const kafka = text(words, 'kafka');
  const brokers = kafka === undefined ? undefined : brokersOf(kafka);
  if (kafka !== undefined && brokers === undefined) words.faults.push(brokersFault);
  if (words.options.has('file') && words.options.has('kafka'))
    words.faults.push('--file and --kafka: give one of them');
  if (words.options.has('file') && words.options.has('topic')) words.faults.push('--topic goes with --kafka');
  for (const name of ['file', 'sample'])
    if (text(words, name) === '-') words.faults.push(`--${name}: expected a file; standard input is for the answers`);
  return {
    command: 'init',
    file: text(words, 'file'),
    brokers,
    topic: text(words, 'topic'),
    sample: text(words, 'sample'),
    format: format(words),
    keyField: text(words, 'key-field'),
    out: text(words, 'out') ?? 'keywatch.yaml',
    force: words.options.has('force'),
  };
}
