import type { CommandSpec } from './command';
import { type CommandName, commandNames, commands } from './commands';

const exitText = `Exit codes:
  0        done
  1        a fault at run time: a file cannot be read, a server refused for good, a fault of our own
  2        the configuration is bad; every fault is on standard error
  64       the command line is wrong
  130 143  ended by SIGINT or SIGTERM before its work was done`;

/** The first screen. */
export const generalHelp = (): string => {
  const lines = commandNames.map((name) => `  ${name.padEnd(14)}${commands[name].summary}`);
  return `keywatch learns how each API key is normally used, notices when someone else uses it, and has it suspended.

Usage: keywatch COMMAND [OPTIONS]

Commands:
${lines.join('\n')}

Start here:
  keywatch demo                            see it work
  keywatch replay --report access.ndjson   your own log, from the past
  keywatch init --file access.ndjson       write a configuration for it
  keywatch run -c keywatch.yaml            your own log, live; dry run until you say otherwise

keywatch COMMAND --help tells more; keywatch --version names the version.
Data goes to standard output, everything else to standard error. NO_COLOR turns colour off.

${exitText}
`;
};

/** All about one command. */
export const commandHelp = (name: CommandName): string => {
  const spec: CommandSpec = commands[name];
  const options = Object.entries(spec.options).map(([long, option]) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    return `  ${`${short}--${long}${option.value === undefined ? '' : ` ${option.value}`}`.padEnd(24)}${option.help}`;
  });
  const examples = spec.examples.map(([what, line]) => `  # ${what}\n  ${line}`);
  return `${spec.summary}

Usage: ${spec.usage}

${spec.about.join('\n')}

Options:
${options.join('\n')}

Examples:
${examples.join('\n')}

${exitText}
`;
};
