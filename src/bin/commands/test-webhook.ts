import { command, config, help } from '../command';
import { requiredConfig, text, type Words } from '../words';

export interface TestWebhookInvocation {
  readonly command: 'test-webhook';
  readonly config: string;
  readonly key: string;
}

export const testWebhookCommand = command({
  summary: 'Send a signed test message to the suspension webhook, and say what its answer means.',
  usage: 'keywatch test-webhook -c FILE [--key ID]',
  about: [
    'The message has the type keywatch.test and the mode test; a receiver verifies it, answers 2xx and does nothing',
    '(docs/webhook.md). It is sent once. Needs no running process and does not touch the state directory. Code 1 where it',
    'was not acknowledged. A receiver that does not look at the type may act on it: name no real key before you know.',
  ],
  options: {
    config: config('The configuration, YAML or JSON.'),
    key: { type: 'string', value: 'ID', help: 'data.key.id of the message (default keywatch-test).' },
    help,
  },
  files: 0,
  examples: [['Does the receiver know the secret?', 'keywatch test-webhook -c keywatch.yaml']],
  read,
  run: (invocation, context) =>
    (require('../test-message') as typeof import('../test-message')).testWebhookCommand(invocation, context),
});

function read(words: Words): TestWebhookInvocation {
  const key = text(words, 'key') ?? 'keywatch-test';
  if (key.length > 1_024) words.faults.push('a key id has at most 1,024 characters');
  return { command: 'test-webhook', config: requiredConfig(words), key };
}
