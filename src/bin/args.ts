import { parseArgs } from 'node:util';
import { nearest } from '../adapters/nearest';
import type { Format } from '../config';
import { type CommandName, type CommandSpec, commandNames, commands, isCommand } from './commands';
import { type DoctorInvocation, doctorInvocation } from './doctor-args';
import { type ExpectInvocation, expectInvocation } from './expect-args';
import { formatArgument as format } from './format-args';
import { type InitInvocation, initInvocation } from './init-args';
import { type SetupInvocation, setupInvocation } from './setup-args';

/** What the command line asks for, every value checked. */
export type Invocation =
  | { readonly command: 'help'; readonly topic: CommandName | undefined }
  | { readonly command: 'version' }
  | { readonly command: 'demo'; readonly seed: number }
  | { readonly command: 'run'; readonly config: string }
  | InitInvocation
  | ExpectInvocation
  | SetupInvocation
  | DoctorInvocation
  | { readonly command: 'check-config'; readonly config: string; readonly print: boolean }
  | {
      readonly command: 'replay';
      readonly files: readonly string[];
      readonly config: string | undefined;
      readonly format: Format | undefined;
      readonly partitions: number;
      readonly report: boolean;
    }
  | {
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
  | {
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
    };

export type ParsedArgs =
  | { readonly ok: true; readonly invocation: Invocation }
  | { readonly ok: false; readonly faults: readonly string[]; readonly topic: CommandName | undefined };

/** Reads the words after `keywatch`. All faults come at once; nothing is carried out. */
export const parseCommandLine = (argv: readonly string[]): ParsedArgs => {
  const [name, ...rest] = argv;
  if (name === undefined) return refuse(['a command is missing']);
  if (name === '--help' || name === '-h') return accept({ command: 'help', topic: undefined });
  if (name === '--version' || name === '-V') return accept({ command: 'version' });
  if (name === 'help') {
    const [topic] = rest;
    if (topic === undefined || isCommand(topic)) return accept({ command: 'help', topic });
    return refuse([unknown('command', topic, commandNames)]);
  }
  if (!isCommand(name)) {
    return refuse([
      unknown(name.startsWith('-') ? 'option' : 'command', name, [...commandNames, '--help', '--version']),
    ]);
  }
  const words = readWords(commands[name], rest);
  if (words.options.get('help') !== undefined) return accept({ command: 'help', topic: name });
  const invocation = interpret(name, words);
  return words.faults.length === 0 ? accept(invocation) : refuse(words.faults, name);
};

const accept = (invocation: Invocation): ParsedArgs => ({ ok: true, invocation });
const refuse = (faults: readonly string[], topic?: CommandName): ParsedArgs => ({ ok: false, faults, topic });

const unknown = (what: string, name: string, known: readonly string[]): string => {
  const near = nearest(name, known);
  return `unknown ${what} ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`;
};

interface Words {
  readonly options: Map<string, string | true>;
  /** Every value of the options that may be given more than once, in order. */
  readonly repeated: Map<string, string[]>;
  readonly files: string[];
  readonly faults: string[];
}

const readWords = (spec: CommandSpec, argv: readonly string[]): Words => {
  const words: Words = { options: new Map(), repeated: new Map(), files: [], faults: [] };
  const options = Object.fromEntries(
    Object.entries(spec.options).map(([name, { type, short }]) => [
      name,
      short === undefined ? { type } : { type, short },
    ]),
  );
  // Not strict: the parser stops at its first complaint, and knows no nearest name.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') words.files.push(token.value);
    if (token.kind === 'option') readOption(spec, words, token.name, token.rawName, token.value, token.inlineValue);
  }
  if (words.files.length > spec.files) {
    words.faults.push(
      `unexpected ${words.files
        .slice(spec.files)
        .map((word) => JSON.stringify(word))
        .join(' ')}`,
    );
  }
  return words;
};

const readOption = (
  spec: CommandSpec,
  words: Words,
  name: string,
  rawName: string,
  value: string | undefined,
  inline: boolean | undefined,
): void => {
  const option = Object.hasOwn(spec.options, name) ? spec.options[name] : undefined;
  if (option === undefined) {
    words.faults.push(
      unknown(
        'option',
        rawName,
        Object.keys(spec.options).map((known) => `--${known}`),
      ),
    );
  } else if (option.type === 'boolean') {
    if (value !== undefined) words.faults.push(`${rawName} takes no value`);
    words.options.set(name, true);
  } else if (value === undefined || value === '' || (inline === false && value.length > 1 && value.startsWith('-'))) {
    words.faults.push(`${rawName} needs a value: ${rawName} ${option.value ?? 'VALUE'}`);
    // Present, though useless: one fault is enough.
    words.options.set(name, true);
  } else {
    words.options.set(name, value);
    if (option.many === true) words.repeated.set(name, [...(words.repeated.get(name) ?? []), value]);
  }
};

const interpret = (name: CommandName, words: Words): Invocation => {
  switch (name) {
    case 'demo':
      return { command: name, seed: whole(words, 'seed', 1, 0, Number.MAX_SAFE_INTEGER) };
    case 'run':
      return { command: name, config: required(words, 'config', text(words, 'config')) };
    case 'init':
      return initInvocation(words, format(words));
    case 'expect':
      return expectInvocation(words, required(words, 'config', text(words, 'config')), time(words, 'until'));
    case 'setup':
      return setupInvocation(words, required(words, 'config', text(words, 'config')));
    case 'doctor':
    case 'status':
      return doctorInvocation(name, words, required(words, 'config', text(words, 'config')));
    case 'check-config':
      if (words.files.length > 0 && words.options.has('config')) words.faults.push('name one configuration, not two');
      return {
        command: name,
        config: required(words, 'config', text(words, 'config') ?? words.files[0]),
        print: words.options.has('print'),
      };
    case 'replay':
      if (words.files.length === 0) words.faults.push('a file is missing: a log, a directory, or - for standard input');
      return {
        command: name,
        files: words.files,
        config: text(words, 'config'),
        format: format(words),
        partitions: whole(words, 'partitions', 1, 1, 1_024),
        report: words.options.has('report'),
      };
    case 'evaluate':
      return evaluation(words);
    case 'simulate':
      return simulation(words);
  }
};

/** Options that describe simulated traffic. */
const ofSimulated = ['keys', 'days', 'rate', 'start', 'newcomers'] as const;

const simulation = (words: Words): Invocation => {
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
};

/** Options that describe the stream of the named files. */
const ofFiles = ['labels', 'newcomers', 'attack-lines', 'plain', 'windows', 'inject'] as const;

const evaluation = (words: Words): Invocation => {
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
};

const text = (words: Words, name: string): string | undefined => {
  const value = words.options.get(name);
  return value === true ? undefined : value;
};

const required = (words: Words, name: string, value: string | undefined): string => {
  if (value === undefined && !words.options.has(name)) words.faults.push('a configuration is missing: -c FILE');
  return value ?? '';
};

const whole = (words: Words, name: string, fallback: number, min: number, max: number): number => {
  const value = text(words, name);
  if (value === undefined) return fallback;
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  words.faults.push(`--${name} ${JSON.stringify(value)}: expected a whole number from ${min} to ${max}`);
  return fallback;
};

const time = (words: Words, name: string): number | undefined => {
  const value = text(words, name);
  if (value === undefined) return undefined;
  const parsed = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  if (Number.isFinite(parsed)) return parsed;
  words.faults.push(`--${name} ${JSON.stringify(value)}: expected a time such as 2026-01-05T00:00:00Z`);
  return undefined;
};
