import { nearest } from '../../adapters/nearest';
import { expectable, mutable } from '../../domain/command';
import { command, config, help } from '../command';
import { oneOf, requiredConfig, text, type Words } from '../words';

const verbs = ['show', 'suspend', 'release', 'expect', 'feedback'] as const;
export type KeyVerb = (typeof verbs)[number];

export interface KeyInvocation {
  readonly command: 'key';
  readonly verb: KeyVerb;
  readonly key: string;
  readonly config: string;
  readonly tokenFrom: string;
  readonly json: boolean;
  readonly reason: string | undefined;
  readonly span: string | undefined;
  readonly force: boolean;
  readonly facets: readonly string[] | undefined;
  readonly incident: string | undefined;
  readonly verdict: 'benign' | 'theft' | undefined;
  readonly facet: string | undefined;
  readonly withdraw: string | undefined;
  readonly suspend: boolean;
  readonly idempotencyKey: string | undefined;
}

export const keyCommand = command({
  summary: 'Look at a key, suspend or release it, declare a change, say what an incident was.',
  usage: `keywatch key ${verbs.join('|')} KEY -c FILE [OPTIONS]`,
  about: [
    'Asks the running process by its HTTP API: section api of the configuration. What may be done is a matter of the',
    'token’s role: viewer shows, analyst also expects and gives feedback, responder also suspends and releases. Code 0',
    'when it was done, 1 when it was refused or nobody answers.',
  ],
  options: {
    config: config('The configuration that the running process has.'),
    'token-from': { type: 'string', value: 'REF', help: 'env:NAME or file:/path (default env:KEYWATCH_TOKEN).' },
    reason: { type: 'string', value: 'TEXT', help: 'suspend, release: why. feedback: a note.' },
    for: { type: 'string', value: 'SPAN', help: 'How long: 90s, 15m, 1h, 7d.' },
    force: { type: 'boolean', help: 'suspend: also where the key is protected.' },
    facets: { type: 'string', value: 'NAMES', help: 'expect: what changes (default actor,geography,client).' },
    incident: { type: 'string', value: 'ID', help: 'feedback: on which incident (default: the newest of the key).' },
    verdict: { type: 'string', value: 'NAME', help: 'feedback: benign or theft.' },
    facet: { type: 'string', value: 'NAME', help: 'feedback benign: what is muted on this key for a time.' },
    suspend: { type: 'boolean', help: 'feedback theft: also suspends the key.' },
    withdraw: { type: 'string', value: 'ID', help: 'feedback: takes the one with this id back.' },
    'idempotency-key': { type: 'string', value: 'TEXT', help: 'The same for a repetition (default: a new one).' },
    json: { type: 'boolean', help: 'The answer as it came.' },
    help,
  },
  files: 2,
  examples: [
    ['What is known of it?', 'keywatch key show k_4711 -c keywatch.yaml'],
    ['Stop it for two hours', 'keywatch key suspend k_4711 -c keywatch.yaml --for 2h --reason leaked'],
    ['The new client is harmless', 'keywatch key feedback k_4711 -c keywatch.yaml --verdict benign --facet client'],
  ],
  read,
  run: (invocation, context) => (require('../key') as typeof import('../key')).key(invocation, context),
});

function read(words: Words): KeyInvocation {
  const [verbText = '', key = ''] = words.files;
  const verb = verbs.find((known) => known === verbText);
  if (verb === undefined) {
    const near = verbText === '' ? undefined : nearest(verbText, verbs);
    words.faults.push(
      `expected one of ${verbs.join(', ')}${verbText === '' ? '' : `, not ${JSON.stringify(verbText)}`}${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
  if (key === '') words.faults.push('a key id is missing, as alerts have it in user.id');
  if (key.length > 1_024) words.faults.push('a key id has at most 1,024 characters');
  const invocation: KeyInvocation = {
    command: 'key',
    verb: verb ?? 'show',
    key,
    config: requiredConfig(words),
    tokenFrom: tokenFrom(words),
    json: words.options.has('json'),
    reason: text(words, 'reason'),
    span: spanOf(words),
    force: words.options.has('force'),
    facets: facetsOf(words),
    incident: text(words, 'incident'),
    verdict: oneOf(words, 'verdict', ['benign', 'theft'] as const),
    facet: oneOf(words, 'facet', mutable),
    withdraw: text(words, 'withdraw'),
    suspend: words.options.has('suspend'),
    idempotencyKey: text(words, 'idempotency-key'),
  };
  needs(words, invocation);
  return invocation;
}

/** What a verb cannot do without. */
function needs(words: Words, { verb, reason, verdict, facet, withdraw, incident }: KeyInvocation): void {
  if ((verb === 'suspend' || verb === 'release') && reason === undefined)
    words.faults.push(`${verb} needs a reason: --reason TEXT`);
  if (verb !== 'feedback') return;
  if (withdraw !== undefined) {
    if (incident === undefined) words.faults.push('--withdraw needs its incident: --incident ID');
  } else if (verdict === undefined && !words.options.has('verdict'))
    words.faults.push('feedback needs a verdict: --verdict benign or --verdict theft');
  if (verdict === 'benign' && facet === undefined && !words.options.has('facet'))
    words.faults.push('benign needs what to mute: --facet NAME');
}

function tokenFrom(words: Words): string {
  const from = text(words, 'token-from') ?? 'env:KEYWATCH_TOKEN';
  // The token itself may stand here by mistake: it is not repeated.
  if (!/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(from))
    words.faults.push('--token-from: expected env:NAME or file:/path; the token itself does not belong here');
  return from;
}

function spanOf(words: Words): string | undefined {
  const span = text(words, 'for');
  if (span !== undefined && !/^\d{1,9}(ms|s|m|h|d)$/.test(span))
    words.faults.push(`--for ${JSON.stringify(span)}: expected a duration such as 90s, 15m, 1h or 7d`);
  return span;
}

function facetsOf(words: Words): readonly string[] | undefined {
  const facets = text(words, 'facets')
    ?.split(',')
    .map((name) => name.trim());
  for (const name of facets ?? []) {
    if (!(expectable as readonly string[]).includes(name))
      words.faults.push(`--facets ${JSON.stringify(name)}: expected some of ${expectable.join(', ')}`);
  }
  return facets;
}
