import { textOf } from './fields';
import { decodePercent } from './text';

/**
 * The places where gateways are known to log raw secrets. What stands there is never kept: it is hashed where it is the
 * key, and removed from every other text of the event.
 */

/** Query parameters (lower case) that carry a raw key. */
const keyParameters: readonly string[] = [
  'apikey',
  'api_key',
  'api-key',
  'x-api-key',
  'subscription-key',
  'ocp-apim-subscription-key',
  'access_token',
  'key',
  'token',
];

/** Query parameters (lower case) that carry another secret: signatures and credentials. */
const secretParameters: ReadonlySet<string> = new Set([
  ...keyParameters,
  'client_secret',
  'password',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
]);

/** Headers (lower case) that carry a raw key, the likeliest first. */
const keyHeaders: readonly string[] = ['apikey', 'x-api-key', 'api-key', 'ocp-apim-subscription-key'];

/** Below this length a text found in a secret's place is no secret worth the name, and removing it would eat plain words. */
export const SHORTEST_SECRET = 6;
/** Parameters of one query that are looked at; a longer query is cut, not refused. */
const MAX_PARAMETERS = 256;
const MAX_SECRETS = 64;

/** What was found in one record. `keys` are candidates for the key identity, the likeliest first. */
export interface Secrets {
  readonly keys: string[];
  readonly all: string[];
}

export const noSecrets = (): Secrets => ({ keys: [], all: [] });

/**
 * Adds what stands in a secret's place. Clients choose such values, so a short plain word is left alone: taking it out of
 * the path or the user agent would let a client hide which route it called, or with what.
 */
export function addSecret(secrets: Secrets, text: string): void {
  if (text.length < SHORTEST_SECRET || text === 'REDACTED' || secrets.all.length >= MAX_SECRETS) return;
  if (text.length >= 16 || /[^A-Za-z._/-]/.test(text)) secrets.all.push(text);
}

function addKey(secrets: Secrets, text: string): void {
  if (text === '' || text === 'REDACTED') return;
  secrets.keys.push(text);
  addSecret(secrets, text);
}

function addNamed(secrets: Secrets, parameter: string, value: string): void {
  if (keyParameters.includes(parameter)) addKey(secrets, value);
  else addSecret(secrets, value);
}

/** The part of a path or URL after its first `?`, without a fragment; '' when there is none. */
export function queryOf(uri: string): string {
  const start = uri.indexOf('?');
  if (start < 0) return '';
  const end = uri.indexOf('#', start);
  return end < 0 ? uri.slice(start + 1) : uri.slice(start + 1, end);
}

/** Collects the secrets of a raw query string, in their encoded and decoded spelling. */
export function secretsOfQuery(secrets: Secrets, query: string): void {
  if (query === '') return;
  for (const pair of query.split('&', MAX_PARAMETERS)) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const name = decodePercent(pair.slice(0, equals)).toLowerCase();
    if (!secretParameters.has(name)) continue;
    const raw = pair.slice(equals + 1);
    const value = decodePercent(raw);
    addNamed(secrets, name, value);
    if (raw !== value) addSecret(secrets, raw);
  }
}

/** Collects the secrets of parsed query parameters (name to value or list of values). */
export function secretsOfParameters(secrets: Secrets, parameters: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(parameters)) {
    const lower = name.toLowerCase();
    if (!secretParameters.has(lower)) continue;
    for (const value of [parameters[name]].flat()) addNamed(secrets, lower, textOf(value));
  }
}

/**
 * Collects from an `Authorization` value: a bearer token or other scheme's credentials, and the parts of `Basic`. A
 * JWT is a secret but no key identity: it changes with every login.
 */
export function secretsOfAuthorization(secrets: Secrets, value: string): void {
  const space = value.indexOf(' ');
  const scheme = space < 0 ? '' : value.slice(0, space).toLowerCase();
  const credentials = value.slice(space + 1).trim();
  if (credentials === '') return;
  if (credentials.startsWith('eyJ') || scheme === 'digest' || scheme.startsWith('aws4'))
    addSecret(secrets, credentials);
  else addKey(secrets, credentials);
  if (scheme !== 'basic') return;
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  // The password; where it is empty, the user's name is the key.
  addSecret(secrets, colon >= 0 && colon < pair.length - 1 ? pair.slice(colon + 1) : pair.slice(0, Math.max(colon, 0)));
}

/** Collects the secrets of request headers; `keyField` names one more header that holds the key, and comes first. */
export function secretsOfHeaders(secrets: Secrets, headers: Readonly<Record<string, unknown>>, keyField: string): void {
  const byName = new Map<string, unknown>();
  for (const name of Object.keys(headers)) byName.set(name.toLowerCase(), headers[name]);
  if (keyField !== '') addKey(secrets, textOf(byName.get(keyField.toLowerCase())));
  for (const name of keyHeaders) for (const value of [byName.get(name)].flat()) addKey(secrets, textOf(value));
  for (const value of [byName.get('authorization'), byName.get('proxy-authorization')].flat())
    secretsOfAuthorization(secrets, textOf(value));
}
