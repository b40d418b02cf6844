import type { CommandContext } from '../options';
import { type Invocation, parseCommandLine } from './args';
import { commands } from './commands';
import { exitCodes } from './exit-codes';
import { commandHelp, generalHelp } from './help';
import { interruption } from './interrupted';
import { errorText } from './output';

/** Carries out one command line and answers the exit code. Never rejects. */
export const main = async (argv: readonly string[], context: CommandContext): Promise<number> => {
  const { err } = context.terminal;
  const parsed = parseCommandLine(argv);
  if (!parsed.ok) {
    for (const fault of parsed.faults) err.write(`keywatch: ${fault}\n`);
    err.write(`${parsed.topic === undefined ? 'keywatch --help' : `keywatch ${parsed.topic} --help`} tells more.\n`);
    return exitCodes.usage;
  }
  try {
    const code = await dispatch(parsed.invocation, context);
    // To run has no end but a stop; all else that was stopped is unfinished.
    return parsed.invocation.command === 'run' ? code : (interruption(context.stop) ?? code);
  } catch (error) {
    const interrupted = interruption(context.stop);
    if (interrupted !== undefined && (error as Error | undefined)?.name === 'AbortError') return interrupted;
    err.write(errorText(error));
    return exitCodes.fault;
  }
};

const dispatch = (invocation: Invocation, context: CommandContext): number | Promise<number> => {
  const { out } = context.terminal;
  if (invocation.command === 'help') {
    out.write(invocation.topic === undefined ? generalHelp() : commandHelp(invocation.topic));
    return exitCodes.ok;
  }
  if (invocation.command === 'version') {
    out.write(`keywatch ${context.version}\n`);
    return exitCodes.ok;
  }
  // `invocation` was read by this very command.
  return commands[invocation.command].run(invocation as never, context);
};
