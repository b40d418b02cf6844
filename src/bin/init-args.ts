import type { Format } from '../config';

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

interface Words {
  readonly options: ReadonlyMap<string, string | true>;
  readonly faults: string[];
}

/** `host:port,host:port` as a list, or undefined where it is none. */
export const brokersOf = (text: string): readonly string[] | undefined => {
  const brokers = text.split(',').map((broker) => broker.trim());
  return brokers.every((broker) => /^[^\s:@]+:\d{1,5}$/.test(broker)) ? brokers : undefined;
};

/** Not repeated: what stands where a broker belongs may hold a password. */
export const brokersFault = '--kafka: expected host:port, several with commas; credentials do not belong here';

/** Reads `init [OPTIONS]`; adds to the faults of `words`. */
export const initInvocation = (words: Words, format: Format | undefined): InitInvocation => {
  const text = (name: string): string | undefined => {
    const value = words.options.get(name);
    return value === true ? undefined : value;
  };
  const kafka = text('kafka');
  const brokers = kafka === undefined ? undefined : brokersOf(kafka);
  if (kafka !== undefined && brokers === undefined) words.faults.push(brokersFault);
  if (words.options.has('file') && words.options.has('kafka'))
    words.faults.push('--file and --kafka: give one of them');
  if (words.options.has('file') && words.options.has('topic')) words.faults.push('--topic goes with --kafka');
  for (const name of ['file', 'sample'])
    if (text(name) === '-') words.faults.push(`--${name}: expected a file; standard input is for the answers`);
  return {
    command: 'init',
    file: text('file'),
    brokers,
    topic: text('topic'),
    sample: text('sample'),
    format,
    keyField: text('key-field'),
    out: text('out') ?? 'keywatch.yaml',
    force: words.options.has('force'),
  };
};
