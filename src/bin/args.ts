import { type CommandName, commandNames, commands, isCommand } from './commands';
import { readWords, unknown } from './words';

/** What a command line asks for beside the commands of the table. */
export type General =
  | { readonly command: 'help'; readonly topic: CommandName | undefined }
  | { readonly command: 'version' };

/** What the command line asks for, every value checked. */
export type Invocation = General | ReturnType<(typeof commands)[CommandName]['read']>;

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
  const command = commands[name];
  const words = readWords(command, rest);
  if (words.options.get('help') !== undefined) return accept({ command: 'help', topic: name });
  const invocation = command.read(words);
  return words.faults.length === 0 ? accept(invocation) : refuse(words.faults, name);
};

const accept = (invocation: Invocation): ParsedArgs => ({ ok: true, invocation });
const refuse = (faults: readonly string[], topic?: CommandName): ParsedArgs => ({ ok: false, faults, topic });
