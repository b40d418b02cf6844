import { redactText } from '../ingest/redact';
import { chosenShape, configShape, isMap, type Path, pathText, type Shape } from './config-shape';
import { isSecretName } from './secrets';

export const HIDDEN = '(hidden)';

const reference = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/;

/** True for a value that may be a secret by its name or its looks; a reference to a secret (`env:NAME`) is none. */
const mayBeSecret = (path: Path, text: string): boolean => {
  const name = path.findLast((step) => typeof step === 'string') ?? '';
  // Where a reference belongs (`urlFrom`), whatever else stands there may be the secret itself.
  if (isSecretName(name) || name.endsWith('From')) return !reference.test(text);
  if (redactText(text) !== text) return true;
  // A long run of mixed letters and digits is a key or a hash, not a word, a path or a host.
  return /[A-Za-z0-9+/_=-]{20,}/.test(text) && /\d/.test(text) && /[a-z]/i.test(text) && !/[./\\]/.test(text);
};

/** A configured value for people, on one line of at most 80 characters, without control characters or secrets. */
export const showValue = (path: Path, value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return mayBeSecret(path, '') ? HIDDEN : String(value);
  if (mayBeSecret(path, value)) return HIDDEN;
  const bare = withoutUserInfo(value);
  return JSON.stringify(bare.length > 76 ? `${bare.slice(0, 75)}…` : bare).replace(/[\x7f-\x9f\u2028\u2029]/g, '?');
};

/** A long part of a path that mixes letters and digits: chat and relay services put the token of a webhook there. */
const pathToken = /(?<!\/)\/(?=[^/?#]*\d)(?=[^/?#]*[A-Za-z])[^/?#]{16,}/g;

/** A URL without user, password, path tokens, query and fragment; any other text as it is. */
const withoutUserInfo = (text: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
        .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${HIDDEN}@`)
        .replace(/[?#].*$/s, (rest) => rest[0] + HIDDEN)
        .replace(pathToken, `/${HIDDEN}`)
    : text;

export type Origin = 'file' | 'default';

/** One value in force. `text` is fit to print: secrets are hidden. */
export interface EffectiveValue {
  readonly path: string;
  readonly text: string;
  readonly origin: Origin;
}

/** Every value in force, in the schema's order, with where it comes from; settings without a value are left out. */
export const effectiveValues = (document: unknown): EffectiveValue[] => {
  const found: EffectiveValue[] = [];
  collect(configShape, document, 'file', [], found);
  return found;
};

const collect = (
  shape: Shape | undefined,
  value: unknown,
  origin: Origin,
  path: Path,
  found: EffectiveValue[],
): void => {
  if (value === undefined) {
    if (shape?.default !== undefined) collect(shape, shape.default, 'default', path, found);
    return;
  }
  const chosen = shape && chosenShape(shape, value);
  if (isMap(value)) {
    const inner = typeof chosen?.additionalProperties === 'object' ? chosen.additionalProperties : undefined;
    const names = new Set([...Object.keys(chosen?.properties ?? {}), ...Object.keys(value)]);
    for (const name of names) collect(chosen?.properties?.[name] ?? inner, value[name], origin, [...path, name], found);
    return;
  }
  if (Array.isArray(value) && value.length > 0) {
    for (const [i, item] of value.entries()) collect(chosen?.items, item, origin, [...path, i], found);
    return;
  }
  found.push({ path: pathText(path), text: showValue(path, value), origin });
};
