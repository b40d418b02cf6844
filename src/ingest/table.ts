import { type DecodeContext, type Decoded, type Decoder, isObject, type KeyCandidate, reject } from './decoder';
import { numberOf, statusOf, textOf } from './fields';
import { type HeaderPlaces, headersOf, listHeader } from './headers';
import { memo } from './memo';
import { type FieldPath, parsePath, valueAt } from './path';
import {
  addSecret,
  noSecrets,
  queryOf,
  type Secrets,
  secretsOfAuthorization,
  secretsOfHeaders,
  secretsOfParameters,
  secretsOfQuery,
} from './places';
import { type DurationUnit, durationIn, type TimeUnit, timeIn } from './units';

type Fields = Readonly<Record<string, unknown>>;
type Paths = readonly FieldPath[];

/** One place of the key identity; the first that holds a text counts. `hash`: what stands there is a raw key. */
export interface KeyField extends Omit<KeyCandidate, 'text'> {
  readonly at: FieldPath;
  /** Counts only where this field is not empty: what the gateway writes for a known consumer, a client can write too. */
  readonly needs?: FieldPath;
}

/** Texts of an event by the places of the log that hold them, the surest first; the first that is not empty counts. */
export interface FieldTable {
  readonly time: readonly { readonly at: FieldPath; readonly unit: TimeUnit }[];
  readonly keys: readonly KeyField[];
  readonly keyName?: Paths;
  readonly tenant?: Paths;
  /** The connecting address, with or without a port. */
  readonly peer?: Paths;
  /** `peer` may hold a host's name or another text: then the address is unknown, not the record broken. */
  readonly peerMayBeName?: boolean;
  readonly forwardedFor?: Paths;
  readonly method?: Paths;
  /** A path or URL, with or without a query. */
  readonly uri?: Paths;
  readonly route?: Paths;
  readonly status?: Paths;
  readonly userAgent?: Paths;
  /** Bytes sent to the client. */
  readonly bytes?: Paths;
  readonly latency?: readonly { readonly at: FieldPath; readonly unit: DurationUnit }[];
  readonly requestId?: Paths;
  readonly country?: Paths;
  readonly outcome?: Paths;
  readonly headers?: HeaderPlaces;
  /** Parsed query parameters, a map of name to value or values. */
  readonly parameters?: Paths;
  /** URLs, or queries after a `?`, in which secrets are looked for beside `uri`. */
  readonly urls?: Paths;
  /** Queries without `?`. */
  readonly queries?: Paths;
  /** `Authorization` values. */
  readonly authorization?: Paths;
  /** Other places of secrets, which are no keys. */
  readonly secrets?: Paths;
  /** Texts for what no place of the record holds. */
  readonly constants?: Readonly<{ [field in ConstantField]?: string | undefined }>;
}

export const constantFields = ['keyName', 'tenant', 'method', 'route', 'userAgent', 'country', 'outcome'] as const;
export type ConstantField = (typeof constantFields)[number];

export interface TableFormat extends Pick<Decoder, 'recognise' | 'unwrap'> {
  readonly table: FieldTable;
  /** What the table is applied to, where that is not the record itself. */
  readonly view?: (record: Fields) => Fields;
}

const none: Paths = [];

function textAt(record: Fields, places: Paths | undefined): string {
  for (const path of places ?? none) {
    const text = textOf(valueAt(record, path));
    if (text !== '') return text;
  }
  return '';
}

function numberAt(record: Fields, places: Paths | undefined): number | undefined {
  for (const path of places ?? none) {
    const number = numberOf(valueAt(record, path));
    if (number !== undefined) return number;
  }
  return undefined;
}

function secretsIn(record: Fields, table: FieldTable, uri: string, headers: Fields): Secrets {
  const secrets = noSecrets();
  for (const { at, kind } of table.keys) if (kind === 'hash') addSecret(secrets, textOf(valueAt(record, at)));
  secretsOfHeaders(secrets, headers, '');
  for (const path of table.authorization ?? none) secretsOfAuthorization(secrets, textOf(valueAt(record, path)));
  for (const path of table.parameters ?? none) {
    const parameters = valueAt(record, path);
    if (isObject(parameters)) secretsOfParameters(secrets, parameters);
  }
  secretsOfQuery(secrets, queryOf(uri));
  for (const path of table.urls ?? none) secretsOfQuery(secrets, queryOf(textOf(valueAt(record, path))));
  for (const path of table.queries ?? none) secretsOfQuery(secrets, textOf(valueAt(record, path)));
  for (const path of table.secrets ?? none)
    for (const value of [valueAt(record, path)].flat()) addSecret(secrets, textOf(value));
  return secrets;
}

/** The configured key field: a field by its path, else a header by its name, which then holds the raw key. */
function namedKey(record: Fields, headers: Fields, name: string, path: FieldPath | undefined, secrets: Secrets) {
  const field = path === undefined ? '' : textOf(valueAt(record, path));
  if (field !== '') return { text: field, kind: 'credential', ambiguous: true } as const;
  const header = textOf(headers[name.toLowerCase()]);
  addSecret(secrets, header);
  return header === '' ? undefined : ({ text: header, kind: 'hash', ambiguous: true } as const);
}

function keyOf(record: Fields, keys: readonly KeyField[], secrets: Secrets): KeyCandidate | undefined {
  for (const { at, kind, ambiguous, needs } of keys) {
    const text = textOf(valueAt(record, at));
    if (text !== '' && (needs === undefined || textOf(valueAt(record, needs)) !== '')) return { text, kind, ambiguous };
  }
  return secrets.keys.length > 0 ? { text: secrets.keys[0], kind: 'hash', ambiguous: false } : undefined;
}

const nameOf = (path: FieldPath): string => path.join('.');

function timeOf(record: Fields, places: FieldTable['time']): number | ReturnType<typeof reject> {
  for (const { at, unit } of places) {
    const value = valueAt(record, at);
    if (value === undefined || value === null || value === '' || value === '-') continue;
    const ts = timeIn(value, unit);
    return Number.isNaN(ts) ? reject('bad-time', `${nameOf(at)}: expected a time as this format writes it`) : ts;
  }
  return reject('missing-field', `${places.map(({ at }) => nameOf(at)).join(' or ')}: expected a time`);
}

/** Applies a table to one record. Reads each place once, and each header once: linear in the size of the record. */
function decode(record: Fields, table: FieldTable, path: FieldPath | undefined, context: DecodeContext): Decoded {
  const ts = timeOf(record, table.time);
  if (typeof ts !== 'number') return ts;
  const headers = table.headers === undefined ? {} : headersOf(record, table.headers);
  const uri = textAt(record, table.uri);
  const secrets = secretsIn(record, table, uri, headers);
  const { keyField } = context;
  const key = keyField === '' ? keyOf(record, table.keys, secrets) : namedKey(record, headers, keyField, path, secrets);
  if (key === undefined) return { noKey: true };

  const peer = textAt(record, table.peer);
  const ip = context.clientAddress({
    peer,
    forwardedFor: textAt(record, table.forwardedFor) || listHeader(headers, 'x-forwarded-for'),
    forwarded: listHeader(headers, 'forwarded'),
  });
  if (ip === '' && peer !== '' && table.peerMayBeName !== true && !peer.startsWith('unix:'))
    return reject('bad-address', `${(table.peer ?? none).map(nameOf).join(' or ')}: expected an IPv4 or IPv6 address`);

  let latencyMs: number | undefined;
  for (const { at, unit } of table.latency ?? []) latencyMs ??= durationIn(valueAt(record, at), unit);
  const { constants = {} } = table;
  const keyName = textAt(record, table.keyName) || (constants.keyName ?? '');
  return {
    ts,
    key,
    keyName: keyName === key.text ? '' : keyName,
    tenant: textAt(record, table.tenant) || (constants.tenant ?? ''),
    ip,
    method: textAt(record, table.method) || (constants.method ?? ''),
    path: uri,
    route: textAt(record, table.route) || (constants.route ?? ''),
    status: statusOf(textAt(record, table.status)),
    userAgent: textAt(record, table.userAgent) || textOf(headers['user-agent']) || (constants.userAgent ?? ''),
    bytes: numberAt(record, table.bytes),
    latencyMs,
    requestId: textAt(record, table.requestId) || textOf(headers['x-request-id']),
    country: textAt(record, table.country) || (constants.country ?? ''),
    outcome: textAt(record, table.outcome) || (constants.outcome ?? ''),
    secrets: secrets.all,
  };
}

/** Decoder of a JSON format by its table. Never throws unless `view` does. */
export function tableDecoder({ table, view, ...format }: TableFormat): Decoder {
  const pathOf = memo((text) => ({ path: parsePath(text) }), 8, 128);
  return {
    input: 'json',
    ...format,
    decode(record, context) {
      if (!isObject(record)) return reject('not-object', 'expected a JSON object');
      const path = context.keyField === '' ? undefined : pathOf(context.keyField).path;
      return decode(view === undefined ? record : view(record), table, path, context);
    },
  };
}

/** Fields of which any names an id of the key, a raw key, or a consumer, in the order of trust. */
export const keys = (
  kind: KeyField['kind'],
  places: Paths,
  options: { readonly ambiguous?: boolean; readonly needs?: FieldPath } = {},
): readonly KeyField[] => places.map((at) => ({ at, kind, ambiguous: false, ...options }));
