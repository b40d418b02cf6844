import { formats } from '../config';
import type { CommandContext } from '../options';
import type { Words } from './words';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for the value in the help, for example `FILE`. */
  readonly value?: string;
  readonly help: string;
  /** May be given more than once. */
  readonly many?: boolean;
}

export interface CommandSpec {
  readonly summary: string;
  readonly usage: string;
  readonly about: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** How many words beside the options: at most. */
  readonly files: number;
  readonly examples: readonly (readonly [what: string, line: string])[];
}

export const help: OptionSpec = { type: 'boolean', short: 'h', help: 'This text.' };
/** The names of the formats, eight a line under the option's own column (help.ts). */
export const format = (start: string): OptionSpec => ({
  type: 'string',
  value: 'NAME',
  help: `${start}${formats
    .join(', ')
    .replace(/((?:\S+ ){8})/g, `$1\n${' '.repeat(26)}`)
    .replaceAll(' \n', '\n')} (default auto).`,
});
export const config = (text: string): OptionSpec => ({ type: 'string', short: 'c', value: 'FILE', help: text });

/** A command of the command line: its help, how its words are read, and what carries it out. */
export interface Command<I> extends CommandSpec {
  /** Pure. Faults go to `words.faults`; where there are some, what is answered is not used. */
  readonly read: (words: Words) => I;
  /**
   * Answers the exit code. What a command needs is loaded here, when it is called: the help should not wait for Kafka and a
   * map of the world.
   */
  readonly run: (invocation: I, context: CommandContext) => number | Promise<number>;
}

/** Declares a command; the type of its invocation follows from `read`. */
export const command = <I>(of: Command<I>): Command<I> => of;
