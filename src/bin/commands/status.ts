import { command, config, help } from '../command';
import { requiredConfig } from '../words';

export const statusCommand = command({
  summary: 'Say how the running process is, in a page.',
  usage: 'keywatch status -c FILE [--json]',
  about: [
    'Asks /readyz and /metrics at http.host and http.port of the configuration: up and ready or why not, how far behind,',
    'keys, circuit breaker, deliveries, dead letters, last checkpoint. Code 0 when it is ready, 1 when it is not or does',
    'not answer.',
  ],
  options: {
    config: config('The configuration that the running process has.'),
    json: { type: 'boolean', help: 'One JSON object.' },
    help,
  },
  files: 0,
  examples: [['How is it?', 'keywatch status -c keywatch.yaml']],
  read: (words) => ({ command: 'status' as const, config: requiredConfig(words), json: words.options.has('json') }),
  run: (invocation, context) => (require('../status') as typeof import('../status')).status(invocation, context),
});
