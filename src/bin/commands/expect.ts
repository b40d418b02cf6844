import { nearest } from '../../adapters/nearest';
import { expectable } from '../../domain/command';
import type { Facet } from '../../domain/evidence';
import { command, config, help } from '../command';
import { requiredConfig, text, time, type Words } from '../words';

export interface ExpectInvocation {
  readonly command: 'expect';
  readonly key: string;
  readonly facets: readonly Facet[];
  /** Milliseconds UTC; undefined: a day from now. */
  readonly until: number | undefined;
  readonly by: string | undefined;
  readonly config: string;
}

export const expectCommand = command({
  summary: 'Declare that the use of a key is about to change, so that nobody is alarmed.',
  usage: 'keywatch expect KEY -c FILE [--until TIME] [--facets NAMES] [--by NAME]',
  about: [
    'Until then the new habits of the key are learned without suspicion, and evidence of the named facets is not',
    'alerted. Declared limits hold all the same. The declaration lies in the state directory of the configuration,',
    'where the running process finds it within seconds.',
  ],
  options: {
    config: config('The configuration that the running process has.'),
    until: { type: 'string', value: 'TIME', help: 'End, RFC 3339 (default: a day from now).' },
    facets: { type: 'string', value: 'NAMES', help: 'What changes (default actor,geography,client).' },
    by: { type: 'string', value: 'NAME', help: 'Who declares it; goes into the log.' },
    help,
  },
  files: 1,
  examples: [
    ['A move to another provider', 'keywatch expect k_4711 -c keywatch.yaml --until 2026-12-01T00:00:00Z --by ops'],
    ['A day of load tests', 'keywatch expect k_4711 -c keywatch.yaml --facets volume,errors'],
  ],
  read,
  run: (invocation, context) => (require('../expect') as typeof import('../expect')).expect(invocation, context),
});

/** Who uses the key, from where and with what: what a move to another machine or provider changes. */
const usual: readonly Facet[] = ['actor', 'geography', 'client'];

function read(words: Words): ExpectInvocation {
  const [key = ''] = words.files;
  if (key === '') words.faults.push('a key id is missing, as alerts have it in user.id');
  if (key.length > 1_024) words.faults.push('a key id has at most 1,024 characters');
  return {
    command: 'expect',
    config: requiredConfig(words),
    key,
    facets: facetsOf(words),
    until: time(words, 'until'),
    by: text(words, 'by'),
  };
}

function facetsOf(words: Words): readonly Facet[] {
  const given = text(words, 'facets');
  if (given === undefined) return usual;
  const found = new Set<Facet>();
  for (const name of given.split(',').map((part) => part.trim())) {
    const facet = expectable.find((known) => known === name);
    if (facet !== undefined) found.add(facet);
    else {
      const near = nearest(name, expectable);
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      words.faults.push(`--facets ${JSON.stringify(name)}: expected some of ${expectable.join(', ')}${hint}`);
    }
  }
  return [...found];
}
