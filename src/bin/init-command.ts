import { type CommandSpec, format, help } from './command-spec';

/** `keywatch init` in the table of commands. */
export const initCommand = {
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
    format: format(''),
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
} as const satisfies CommandSpec;
