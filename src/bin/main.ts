import type { CommandContext } from '../options';
import { type Invocation, parseCommandLine } from './args';
import { commandHelp, exitCodes, generalHelp } from './help';
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

// Commands are loaded when they are called: the help should not wait for Kafka and a map of the world.
const dispatch = (invocation: Invocation, context: CommandContext): number | Promise<number> => {
  const { out } = context.terminal;
  switch (invocation.command) {
    case 'help':
      out.write(invocation.topic === undefined ? generalHelp() : commandHelp(invocation.topic));
      return exitCodes.ok;
    case 'version':
      out.write(`keywatch ${context.version}\n`);
      return exitCodes.ok;
    case 'check-config':
      return (require('./check-config') as typeof import('./check-config')).checkConfig(
        invocation.config,
        invocation.print,
        context,
      );
    case 'simulate':
      return (require('./simulate') as typeof import('./simulate')).simulateCommand(invocation, context);
    case 'replay':
      return (require('./replay') as typeof import('./replay')).replay(invocation, context);
    case 'evaluate':
      return (require('./evaluate') as typeof import('./evaluate')).evaluate(invocation, context);
    case 'run':
      return (require('./run') as typeof import('./run')).run(invocation.config, context);
    case 'init':
      return (require('./init') as typeof import('./init')).init(invocation, context);
    case 'expect':
      return (require('./expect') as typeof import('./expect')).expect(invocation, context);
    case 'setup':
      return (require('./setup') as typeof import('./setup')).setup(invocation, context);
    case 'doctor':
      return (require('./doctor') as typeof import('./doctor')).doctor(invocation, context);
    case 'status':
      return (require('./status') as typeof import('./status')).status(invocation, context);
    case 'demo':
      return (require('./demo') as typeof import('./demo')).demo(invocation.seed, context);
  }
};
