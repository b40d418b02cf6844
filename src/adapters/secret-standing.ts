import { statSync } from 'node:fs';
import { type Path, pathText, visitLeaves } from './config-shape';
import { SecretError, secretPlace, secretProblem } from './secrets';

/** How it stands with one secret of a configuration. Holds no value and no length. */
export interface SecretStanding {
  /** The setting, such as `ingest.pepperFrom`. */
  readonly path: string;
  /** Where it comes from, in words; '' where the reference itself is wrong. */
  readonly place: string;
  /** What keeps it from being read now; undefined where it is there. */
  readonly problem: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const isReference = (path: Path, value: unknown): value is string => {
  const name = path.at(-1);
  return typeof value === 'string' && typeof name === 'string' && /From$/.test(name) && /^(env|file):./.test(value);
};

/** Every secret that the configuration refers to, in its order. */
export const secretStandings = (document: unknown, environment: Environment = process.env): SecretStanding[] => {
  const found: SecretStanding[] = [];
  visitLeaves(document, (path, value) => {
    if (!isReference(path, value)) return;
    const problem = secretProblem(value, environment);
    found.push({ path: pathText(path), place: placeText(value, environment), problem });
  });
  return found;
};

const placeText = (from: string, environment: Environment): string => {
  const place = placeOf(from, environment);
  if (place === undefined) return '';
  if (place.kind === 'env') return `environment variable ${place.name}`;
  return place.kind === 'file' ? `file ${place.path}` : `environment variable ${place.name}, file ${place.path}`;
};

const placeOf = (from: string, environment: Environment) => {
  try {
    return secretPlace(from, environment);
  } catch (error) {
    if (error instanceof SecretError) return undefined;
    throw error;
  }
};

/** Container runtimes mount secrets here for one container alone, readable by whoever runs in it. */
const mounted = /^(\/var)?\/run\/secrets\//;

/** Files of secrets, and private keys of TLS, that every user of this machine may read: path and how it is now. */
export const openSecretFiles = (
  document: unknown,
  environment: Environment = process.env,
): { readonly setting: string; readonly file: string; readonly mode: string }[] => {
  const found: { setting: string; file: string; mode: string }[] = [];
  const look = (path: Path, file: string) => {
    const mode = mounted.test(file) ? undefined : modeOf(file);
    if (mode !== undefined && (mode & 0o004) !== 0)
      found.push({ setting: pathText(path), file, mode: (mode & 0o777).toString(8).padStart(4, '0') });
  };
  visitLeaves(document, (path, value) => {
    if (typeof value === 'string' && path.at(-2) === 'tls' && path.at(-1) === 'keyFile') look(path, value);
    if (!isReference(path, value)) return;
    const place = placeOf(value, environment);
    if (place !== undefined && place.kind !== 'env') look(path, place.path);
  });
  return found;
};

/** For people: one line a file, with what to do. */
export const openSecretText = ({ setting, file, mode }: ReturnType<typeof openSecretFiles>[number]): string =>
  `${setting}: every user of this machine can read the file ${file} (mode ${mode}); chmod 600 it, or 640 with a group of its own`;

const modeOf = (file: string): number | undefined => {
  try {
    return statSync(file).mode;
  } catch {
    return undefined;
  }
};
