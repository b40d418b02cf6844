import { type SeverityName, severityNames } from '../../domain/alert';
import { command, config, help } from '../command';
import { oneOf, requiredConfig, type Words } from '../words';

export interface TestAlertInvocation {
  readonly command: 'test-alert';
  readonly config: string;
  readonly severity: SeverityName;
  readonly kind: 'alert' | 'event';
}

export const testAlertCommand = command({
  summary: 'Write a test document to every output, and say of each what happened.',
  usage: 'keywatch test-alert -c FILE [--severity NAME] [--kind alert|event]',
  about: [
    'The document is marked: keywatch.test is true, its title begins with TEST, it names no key. It takes the way of',
    'every other, past minSeverity, kinds, rate limits and maintenance windows; each output gets 30 seconds. Needs no',
    'running process and does not touch the state directory. Code 1 where an output failed.',
  ],
  options: {
    config: config('The configuration, YAML or JSON.'),
    severity: { type: 'string', value: 'NAME', help: `One of ${severityNames.join(', ')} (default high).` },
    kind: { type: 'string', value: 'KIND', help: 'event.kind: alert, which may raise an alarm, or event (default).' },
    help,
  },
  files: 0,
  examples: [
    ['Does everything arrive?', 'keywatch test-alert -c keywatch.yaml'],
    ['Does it wake somebody?', 'keywatch test-alert -c keywatch.yaml --severity critical --kind alert'],
  ],
  read,
  run: (invocation, context) =>
    (require('../test-message') as typeof import('../test-message')).testAlert(invocation, context),
});

function read(words: Words): TestAlertInvocation {
  return {
    command: 'test-alert',
    config: requiredConfig(words),
    severity: oneOf(words, 'severity', severityNames) ?? 'high',
    kind: oneOf(words, 'kind', ['alert', 'event'] as const) ?? 'event',
  };
}
