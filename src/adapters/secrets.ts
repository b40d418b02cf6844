import { readFileSync, statSync } from 'node:fs';

/** A secret that cannot be had. The message names where it was looked for, never what was found. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

const secretName = /secret|passw|passphrase|token|pepper|credential|private.?key|api.?key|authorization|cookie/i;

/** Whether a field of this name is likely to hold a secret (`password`, `apiKey`, `webhook_secret`). */
export const isSecretName = (name: string): boolean => secretName.test(name) && !name.endsWith('Version');

const MAX_SECRET_BYTES = 65_536;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a secret is read from. `env-file`: NAME is absent and NAME_FILE leads to a file, as container images have it. */
export type SecretPlace =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'env-file'; readonly name: string; readonly path: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Where the reference `env:NAME` or `file:/path` leads in this environment. Of NAME and NAME_FILE one may be given: with
 * both it would be a guess which one holds. An empty variable is as good as none where the other is there. Throws `SecretError`.
 */
export const secretPlace = (from: string, environment: Environment = process.env): SecretPlace => {
  if (from.startsWith('file:')) return { kind: 'file', path: from.slice(5) };
  // The text itself may be the secret, put where its name belongs: it is not repeated.
  if (!from.startsWith('env:'))
    throw new SecretError('expected env:NAME or file:/path; the secret itself does not belong here');
  const name = from.slice(4);
  const path = environment[`${name}_FILE`] ?? '';
  if (path === '') return { kind: 'env', name };
  if ((environment[name] ?? '') !== '')
    throw new SecretError(`both environment variables ${name} and ${name}_FILE are set; keep one`);
  return { kind: 'env-file', name: `${name}_FILE`, path };
};

/**
 * The secret behind `env:NAME` (or NAME_FILE) or `file:/path`; of a file, one line break at the end is dropped.
 * Throws `SecretError` when it is missing, empty, not a plain file, unreadable or over 64 KiB.
 */
export const resolveSecret = (from: string, environment: Environment = process.env): string => {
  const place = secretPlace(from, environment);
  return place.kind === 'env' ? fromEnvironment(place.name, environment) : fromFile(place.path);
};

/** What is wrong with the reference, or undefined when its secret can be read now. */
export const secretProblem = (from: string, environment: Environment = process.env): string | undefined => {
  try {
    resolveSecret(from, environment);
    return undefined;
  } catch (error) {
    if (error instanceof SecretError) return error.message;
    throw error;
  }
};

const fromEnvironment = (name: string, environment: Environment): string => {
  const value = environment[name];
  if (value === undefined) throw new SecretError(`the environment variable ${name} is not set, nor is ${name}_FILE`);
  if (value === '') throw new SecretError(`the environment variable ${name} is empty`);
  return value;
};

const fromFile = (path: string): string => {
  let text: string;
  try {
    const stat = statSync(path);
    // A pipe or device would block or never end.
    if (!stat.isFile()) throw new SecretError(`${path} is not a plain file`);
    if (stat.size > MAX_SECRET_BYTES) throw new SecretError(`the file ${path} is too large for a secret (over 64 KiB)`);
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof SecretError) throw error;
    throw new SecretError(`the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
  if (text === '') throw new SecretError(`the file ${path} is empty`);
  return text;
};
