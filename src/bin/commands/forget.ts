import { command, config, help } from '../command';
import { requiredConfig, text, type Words } from '../words';

export interface ForgetInvocation {
  readonly command: 'forget';
  readonly key: string;
  readonly by: string | undefined;
  readonly force: boolean;
  readonly config: string;
}

export const forgetCommand = command({
  summary: 'Remove a key from everything that keywatch keeps.',
  usage: 'keywatch forget KEY -c FILE [--by NAME] [--force]',
  about: [
    'State, incidents, ledger, alerts that wait, copies of the inventory. A keyed hash stays, with the time, and the',
    'audit log says so. Used again, the key begins anew. Take it out of your inventory first. What was delivered, and',
    'the log that keywatch reads, are not touched. The running process takes it up within seconds.',
  ],
  options: {
    config: config('The configuration that the running process has.'),
    by: { type: 'string', value: 'NAME', help: 'Who asks for it; goes into the audit log.' },
    force: { type: 'boolean', help: 'Also while an action against it is in force; its release is still kept.' },
    help,
  },
  files: 1,
  examples: [['The customer has left', 'keywatch forget k_4711 -c keywatch.yaml --by privacy-desk']],
  read,
  run: (invocation, context) => (require('../forget') as typeof import('../forget')).forget(invocation, context),
});

function read(words: Words): ForgetInvocation {
  const [key = ''] = words.files;
  if (key === '') words.faults.push('a key id is missing, as alerts have it in user.id');
  if (key.length > 1_024) words.faults.push('a key id has at most 1,024 characters');
  return {
    command: 'forget',
    config: requiredConfig(words),
    key,
    by: text(words, 'by'),
    force: words.options.has('force'),
  };
}
