import { nearest } from '../adapters/nearest';

/** What `keywatch setup` can prepare. */
export const setupTargets = ['elasticsearch'] as const;
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

interface Words {
  readonly options: ReadonlyMap<string, string | true>;
  readonly files: readonly string[];
  readonly faults: string[];
}

/** Reads `setup WHAT [OPTIONS]`; adds to the faults of `words`. */
export const setupInvocation = (words: Words, config: string): SetupInvocation => {
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
  return {
    command: 'setup',
    what: what ?? setupTargets[0],
    config,
    dryRun: words.options.has('dry-run'),
    apiKeyFrom,
    basicFrom,
  };
};

/** `env:NAME` or `file:/path`. The value is not repeated: it may be the secret itself. */
const reference = (words: Words, name: string): string | undefined => {
  const value = words.options.get(name);
  if (value === undefined || value === true) return undefined;
  if (!/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(value)) {
    words.faults.push(`--${name}: expected env:NAME or file:/path; the secret itself does not belong here`);
  }
  return value;
};
