import { parseArgs } from 'node:util';
import { nearest } from '../adapters/nearest';
import { type Format, formats } from '../config';
import type { CommandSpec } from './command';

export const unknown = (what: string, name: string, known: readonly string[]): string => {
  const near = nearest(name, known);
  return `unknown ${what} ${JSON.stringify(name)}${near === undefined ? '' : `; did you mean ${near}?`}`;
};

/** The words after the command, and what is wrong with them. Readers add to `faults`; all come at once. */
export interface Words {
  readonly options: Map<string, string | true>;
  /** Every value of the options that may be given more than once, in order. */
  readonly repeated: Map<string, string[]>;
  readonly files: string[];
  readonly faults: string[];
}

export const readWords = (spec: CommandSpec, argv: readonly string[]): Words => {
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

/** The value of an option, undefined where it is not given. */
export const text = (words: Words, name: string): string | undefined => {
  const value = words.options.get(name);
  return value === true ? undefined : value;
};

/** The configuration; its absence is a fault. */
export const requiredConfig = (words: Words, value: string | undefined = text(words, 'config')): string => {
  if (value === undefined && !words.options.has('config')) words.faults.push('a configuration is missing: -c FILE');
  return value ?? '';
};

export const whole = (words: Words, name: string, fallback: number, min: number, max: number): number => {
  const value = text(words, name);
  if (value === undefined) return fallback;
  const number = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  words.faults.push(`--${name} ${JSON.stringify(value)}: expected a whole number from ${min} to ${max}`);
  return fallback;
};

/** RFC 3339 or a date, milliseconds UTC. */
export const time = (words: Words, name: string): number | undefined => {
  const value = text(words, name);
  if (value === undefined) return undefined;
  const parsed = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
  if (Number.isFinite(parsed)) return parsed;
  words.faults.push(`--${name} ${JSON.stringify(value)}: expected a time such as 2026-01-05T00:00:00Z`);
  return undefined;
};

/** The value of `--format`. */
export const format = (words: Words): Format | undefined => oneOf(words, 'format', formats);

/** A value that is one of a list. */
export const oneOf = <T extends string>(words: Words, name: string, known: readonly T[]): T | undefined => {
  const value = text(words, name);
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) {
    const near = nearest(value, known);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    words.faults.push(`--${name} ${JSON.stringify(value)}: expected one of ${known.join(', ')}${hint}`);
  }
  return found;
};
