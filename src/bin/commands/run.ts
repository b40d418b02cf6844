import { roles } from '../../config/log';
import { command, config, help } from '../command';
import { oneOf, requiredConfig } from '../words';

export const runCommand = command({
  summary: 'Watch a live usage log; alert, and suspend where the policy allows it.',
  usage: 'keywatch run -c FILE [--role ingest|detect]',
  about: [
    'Reads the usage log that the configuration names, until it is stopped. In dry run, the default, it says what it',
    'would do and suspends nothing. SIGTERM or SIGINT: it finishes what it has in hand and stops; a second one stops',
    'it at once, which loses nothing either. /livez, /readyz and /metrics are served at http.host and http.port of the',
    'configuration, by default 127.0.0.1:9464.',
  ],
  options: {
    config: config('The configuration, YAML or JSON.'),
    role: {
      type: 'string',
      value: 'HALF',
      help: 'ingest or detect, where source.log is configured; instead of its roles.',
    },
    help,
  },
  files: 0,
  examples: [
    ['See whether the configuration is sound', 'keywatch check-config keywatch.yaml'],
    ['Run', 'keywatch run -c keywatch.yaml'],
    ['What is down?', 'curl -s http://127.0.0.1:9464/readyz'],
  ],
  read: (words) => ({ command: 'run' as const, config: requiredConfig(words), role: oneOf(words, 'role', roles) }),
  run: (invocation, context) => (require('../run') as typeof import('../run')).run(invocation, context),
});
