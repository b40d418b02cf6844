import { command, config, help } from '../command';
import { requiredConfig, type Words } from '../words';

export interface LearnInvocation {
  readonly command: 'learn';
  readonly files: readonly string[];
  readonly config: string;
  readonly force: boolean;
}

export const learnCommand = command({
  summary: 'Learn from a log of the past, so that keywatch run starts with settled baselines.',
  usage: 'keywatch learn FILE… -c FILE [--force]',
  about: [
    'Takes usage logs in as keywatch run would, in time order, and leaves what was learned in the state directory.',
    'Nothing is alerted, sent or suspended. Says how many keys are mature and which are too young. For a source that',
    'is a file or standard input; with Kafka set state.learnHistory instead.',
  ],
  options: {
    config: config('The configuration that keywatch run will have.'),
    force: { type: 'boolean', help: 'Begin anew where there is a state already.' },
    help,
  },
  files: Number.POSITIVE_INFINITY,
  examples: [['Two rotated logs', 'keywatch learn access.log.2.gz access.log.1 -c keywatch.yaml']],
  read,
  run: (invocation, context) => (require('../learn') as typeof import('../learn')).learn(invocation, context),
});

function read(words: Words): LearnInvocation {
  if (words.files.length === 0) words.faults.push('a file is missing: a log, a directory, or - for standard input');
  return {
    command: 'learn',
    files: words.files,
    config: requiredConfig(words),
    force: words.options.has('force'),
  };
}
