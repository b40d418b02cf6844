import { command, config, help } from '../command';
import { requiredConfig } from '../words';

export const doctorCommand = command({
  summary: 'Look at everything that a run needs, and say what to do about what is wrong.',
  usage: 'keywatch doctor -c FILE [--json]',
  about: [
    'Checks configuration, secrets, state directory, free space, lock, clock, the log (brokers, login, topic, group,',
    'retention, format of the newest records) and every output. Each check ends within seconds and changes nothing:',
    'no alert is written and no webhook called. A failed check ends with code 1; warnings do not.',
  ],
  options: {
    config: config('The configuration, YAML or JSON.'),
    json: { type: 'boolean', help: 'One JSON object: {ok, findings: [{check, standing, saw, todo}]}.' },
    help,
  },
  files: 0,
  examples: [
    ['Before the first start', 'keywatch doctor -c keywatch.yaml'],
    [
      'Only what failed',
      'keywatch doctor -c keywatch.yaml --json | jq \'.findings[] | select(.standing == "failed")\'',
    ],
  ],
  read: (words) => ({ command: 'doctor' as const, config: requiredConfig(words), json: words.options.has('json') }),
  run: (invocation, context) => (require('../doctor') as typeof import('../doctor')).doctor(invocation, context),
});
