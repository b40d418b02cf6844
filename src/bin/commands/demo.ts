import { command, help } from '../command';
import { whole } from '../words';

export const demoCommand = command({
  summary: 'Watch it work: simulated keys, stolen keys, alerts and a suspension.',
  usage: 'keywatch demo [--seed N]',
  about: [
    'Streams the traffic of a simulated fleet of API keys through the whole product within a minute. Some keys are',
    'stolen. Alerts appear with their reasons, and the suspension goes to a small receiver that the demo starts on',
    'this machine. Needs no configuration, no network and no other server, and leaves nothing behind.',
  ],
  options: { seed: { type: 'string', value: 'N', help: 'Another fleet and other thefts (default 1).' }, help },
  files: 0,
  examples: [['Another fleet', 'keywatch demo --seed 7']],
  read: (words) => ({ command: 'demo' as const, seed: whole(words, 'seed', 1, 0, Number.MAX_SAFE_INTEGER) }),
  run: ({ seed }, context) => (require('../demo') as typeof import('../demo')).demo(seed, context),
});
