import { command, config, help } from '../command';
import { requiredConfig, text } from '../words';

export const checkConfigCommand = command({
  summary: 'Say everything that is wrong with a configuration, or what would run.',
  usage: 'keywatch check-config FILE [--print]',
  about: [
    'Reads a configuration and every file and secret that it names, and lists all faults at once on standard error:',
    'where, what stands there, what was expected. Secrets are never shown.',
  ],
  options: {
    config: config('The configuration; may also stand alone.'),
    print: { type: 'boolean', help: 'Every value in force and where it is from; secrets by their place alone.' },
    help,
  },
  files: 1,
  examples: [
    ['Check', 'keywatch check-config keywatch.yaml'],
    ['Which values differ from the defaults?', 'keywatch check-config keywatch.yaml --print | grep "# file"'],
  ],
  read: (words) => {
    if (words.files.length > 0 && words.options.has('config')) words.faults.push('name one configuration, not two');
    return {
      command: 'check-config' as const,
      config: requiredConfig(words, text(words, 'config') ?? words.files[0]),
      print: words.options.has('print'),
    };
  },
  run: (invocation, context) =>
    (require('../check-config') as typeof import('../check-config')).checkConfig(
      invocation.config,
      invocation.print,
      context,
    ),
});
