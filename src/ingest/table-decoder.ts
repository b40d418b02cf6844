import { type DecodeContext, type Decoded, type Decoder, isObject, type KeyCandidate, reject } from './decoder';
import { numberOf, statusOf, textOf } from './fields';
import { headersOf, listHeader } from './headers';
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
import type { FieldTable, KeyField, TableFormat } from './table';
import { durationIn, timeIn } from './units';

type Fields = Readonly<Record<string, unknown>>;
type Paths = readonly FieldPath[];

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
function namedKey(field: string, headers: Fields, name: string, secrets: Secrets): KeyCandidate | undefined {
  if (field !== '') return { text: field, kind: 'credential', ambiguous: true };
  const header = textOf(headers[name.toLowerCase()]);
  addSecret(secrets, header);
  return header === '' ? undefined : { text: header, kind: 'hash', ambiguous: true };
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
function decode(record: Fields, table: FieldTable, named: string, context: DecodeContext): Decoded {
  const ts = timeOf(record, table.time);
  if (typeof ts !== 'number') return ts;
  const headers = table.headers === undefined ? {} : headersOf(record, table.headers);
  const uri = textAt(record, table.uri);
  const secrets = secretsIn(record, table, uri, headers);
  const { keyField } = context;
  const key = keyField === '' ? keyOf(record, table.keys, secrets) : namedKey(named, headers, keyField, secrets);
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
      const seen = view === undefined ? record : view(record);
      const path = context.keyField === '' ? undefined : pathOf(context.keyField).path;
      const named = path === undefined ? '' : textOf(valueAt(seen, path)) || textOf(valueAt(record, path));
      return decode(seen, table, named, context);
    },
  };
}
