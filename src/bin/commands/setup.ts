import { nearest } from '../../adapters/nearest';
import { command, config, help } from '../command';
import { requiredConfig, text, type Words } from '../words';

/** What `keywatch setup` can prepare. */
export const setupTargets = ['elasticsearch', 'kafka'] as const;
export type SetupTarget = (typeof setupTargets)[number];

export interface SetupInvocation {
  readonly command: 'setup';
  readonly what: SetupTarget;
  readonly config: string;
  readonly dryRun: boolean;
  /** References to credentials to use instead of the configured ones, for this once. */
  readonly apiKeyFrom: string | undefined;
  readonly basicFrom: string | undefined;
}

export const setupCommand = command({
  summary: 'Prepare a server for what keywatch writes: index templates, topics, rights.',
  usage: 'keywatch setup elasticsearch|kafka -c FILE [--dry-run] [--api-key-from REF | --basic-from REF]',
  about: [
    'elasticsearch: installs the index and component templates of the alerts, with their retention, on each cluster that',
    'the configuration sends alerts to. Done again, it changes nothing. Prints the least-privilege role and the API key',
    "request for Kibana's console; with --dry-run it prints the templates too, says what it would do and writes nothing.",
    'It needs more rights than keywatch has later: manage_index_templates, and manage of the data stream.',
    'kafka: creates the topics of keywatch itself that the configuration wants (source.log, state.checkpoints,',
    'enforce.log), with their settings, and holds those that are there against it; it changes none of them. Prints the',
    "least rights of keywatch's user as kafka-acls commands. It needs Create and DescribeConfigs.",
  ],
  options: {
    config: config('The configuration, YAML or JSON.'),
    'dry-run': { type: 'boolean', help: 'Only look, and say what would be done.' },
    'api-key-from': { type: 'string', value: 'REF', help: 'env:NAME or file:/path of an API key for this once.' },
    'basic-from': { type: 'string', value: 'REF', help: 'The same of user:password.' },
    help,
  },
  files: 1,
  examples: [
    ['What would be done?', 'keywatch setup elasticsearch -c keywatch.yaml --dry-run'],
    ['Topics of keywatch itself', 'keywatch setup kafka -c keywatch.yaml --dry-run'],
    ['As an administrator', 'keywatch setup elasticsearch -c keywatch.yaml --basic-from env:ELASTIC_LOGIN'],
  ],
  read,
  run: (invocation, context) => (require('../setup') as typeof import('../setup')).setup(invocation, context),
});

function read(words: Words): SetupInvocation {
  const [named] = words.files;
  const what = setupTargets.find((target) => target === named);
  if (named === undefined) words.faults.push(`what to set up is missing: ${setupTargets.join(' or ')}`);
  else if (what === undefined) {
    const near = nearest(named, setupTargets);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    words.faults.push(`cannot set up ${JSON.stringify(named)}: expected ${setupTargets.join(' or ')}${hint}`);
  }
  const apiKeyFrom = reference(words, 'api-key-from');
  const basicFrom = reference(words, 'basic-from');
  if (apiKeyFrom !== undefined && basicFrom !== undefined) {
    words.faults.push('--api-key-from and --basic-from: give one of them');
  }
  if (what === 'kafka' && (apiKeyFrom ?? basicFrom) !== undefined)
    words.faults.push('--api-key-from and --basic-from are of elasticsearch; kafka uses those of the source');
  return {
    command: 'setup',
    what: what ?? setupTargets[0],
    config: requiredConfig(words),
    dryRun: words.options.has('dry-run'),
    apiKeyFrom,
    basicFrom,
  };
}

/** `env:NAME` or `file:/path`. The value is not repeated: it may be the secret itself. */
function reference(words: Words, name: string): string | undefined {
  const value = text(words, name);
  if (value === undefined) return undefined;
  if (!/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(value)) {
    words.faults.push(`--${name}: expected env:NAME or file:/path; the secret itself does not belong here`);
  }
  return value;
}
