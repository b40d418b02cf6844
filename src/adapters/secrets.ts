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

/**
 * The secret behind `env:NAME` or `file:/path`; of a file, one line break at the end is dropped.
 * Throws `SecretError` when it is missing, empty, not a plain file, unreadable or over 64 KiB.
 */
export const resolveSecret = (from: string, environment: Environment = process.env): string => {
  if (from.startsWith('env:')) return fromEnvironment(from.slice(4), environment);
  if (from.startsWith('file:')) return fromFile(from.slice(5));
  // The text itself may be the secret, put where its name belongs: it is not repeated.
  throw new SecretError('expected env:NAME or file:/path; the secret itself does not belong here');
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
  if (value === undefined) throw new SecretError(`the environment variable ${name} is not set`);
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
