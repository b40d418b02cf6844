import { nearest } from '../adapters/nearest';
import { expectable } from '../domain/command';
import type { Facet } from '../domain/evidence';

export interface ExpectInvocation {
  readonly command: 'expect';
  readonly key: string;
  readonly facets: readonly Facet[];
  /** Milliseconds UTC; undefined: a day from now. */
  readonly until: number | undefined;
  readonly by: string | undefined;
  readonly config: string;
}

interface Words {
  readonly options: ReadonlyMap<string, string | true>;
  readonly files: readonly string[];
  readonly faults: string[];
}

/** Who uses the key, from where and with what: what a move to another machine or provider changes. */
const usual: readonly Facet[] = ['actor', 'geography', 'client'];

/** Reads `expect KEY [OPTIONS]`; adds to the faults of `words`. */
export const expectInvocation = (words: Words, config: string, until: number | undefined): ExpectInvocation => {
  const [key = ''] = words.files;
  if (key === '') words.faults.push('a key id is missing, as alerts have it in user.id');
  if (key.length > 1_024) words.faults.push('a key id has at most 1,024 characters');
  const by = words.options.get('by');
  return { command: 'expect', key, facets: facetsOf(words), until, by: by === true ? undefined : by, config };
};

const facetsOf = (words: Words): readonly Facet[] => {
  const given = words.options.get('facets');
  if (given === undefined || given === true) return usual;
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
};
