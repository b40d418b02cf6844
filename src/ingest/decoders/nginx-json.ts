import { type Decoder, isObject, type KeyCandidate, reject } from '../decoder';
import { firstNumber, firstText, statusOf, textOf } from '../fields';
import { addSecret, noSecrets, queryOf, type Secrets, secretsOfAuthorization, secretsOfQuery } from '../places';
import { parseAnyTime, parseEpoch } from '../time';

type Fields = Readonly<Record<string, unknown>>;

/** Field names people give to NGINX variables, the most exact first. */
const names = {
  msec: ['msec'],
  time: ['time', 'time_iso8601', '@timestamp', 'timestamp', 'ts', 'time_local', 'date'],
  peer: ['remote_addr', 'client_ip', 'remote_ip', 'clientip', 'client', 'ip'],
  forwardedFor: ['xff', 'http_x_forwarded_for', 'x_forwarded_for', 'forwarded_for'],
  forwarded: ['http_forwarded', 'forwarded'],
  method: ['method', 'request_method'],
  uri: ['request_uri', 'uri', 'path', 'url', 'document_uri'],
  args: ['args', 'query_string', 'query'],
  status: ['status', 'response_status'],
  bytes: ['bytes', 'bytes_sent', 'body_bytes_sent'],
  seconds: ['request_time'],
  userAgent: ['ua', 'http_user_agent', 'user_agent', 'agent'],
  requestId: ['request_id', 'http_x_request_id', 'x_request_id'],
  tenant: ['tenant', 'http_x_tenant_id'],
  keyName: ['consumer', 'http_x_consumer_username', 'remote_user', 'user'],
  credential: ['credential_id', 'http_x_credential_identifier', 'key_id', 'api_key_id'],
  ambiguous: ['key'],
  raw: ['http_x_api_key', 'http_apikey', 'http_api_key', 'api_key', 'apikey', 'x_api_key', 'arg_apikey', 'arg_api_key'],
  consumer: ['consumer_id', 'http_x_consumer_id', 'consumer', 'http_x_consumer_username', 'remote_user', 'user'],
  authorization: ['http_authorization', 'authorization'],
} as const;

function keyOf(record: Fields, keyField: string, secrets: Secrets): KeyCandidate | undefined {
  if (keyField !== '') {
    const text = textOf(record[keyField]);
    return text === '' ? undefined : { text, kind: 'credential', ambiguous: true };
  }
  const credential = firstText(record, names.credential);
  if (credential !== '') return { text: credential, kind: 'credential', ambiguous: false };
  const key = firstText(record, names.ambiguous);
  if (key !== '') return { text: key, kind: 'credential', ambiguous: true };
  const raw = firstText(record, names.raw);
  if (raw !== '') return { text: raw, kind: 'hash', ambiguous: false };
  const consumer = firstText(record, names.consumer);
  if (consumer !== '') return { text: consumer, kind: 'consumer', ambiguous: false };
  return secrets.keys.length > 0 ? { text: secrets.keys[0], kind: 'hash', ambiguous: false } : undefined;
}

/** Method and URI of an NGINX `$request`, `GET /path HTTP/1.1`; empty texts where it is no request line. */
export function splitRequestLine(line: string): { readonly method: string; readonly uri: string } {
  const first = line.indexOf(' ');
  if (first <= 0) return { method: '', uri: '' };
  const last = line.lastIndexOf(' ');
  const protocol = last > first && line.startsWith('HTTP/', last + 1);
  return { method: line.slice(0, first), uri: protocol ? line.slice(first + 1, last) : line.slice(first + 1) };
}

function timeOf(record: Fields): number {
  const msec = firstNumber(record, names.msec);
  if (msec !== undefined) return parseEpoch(msec);
  for (const name of names.time) if (record[name] !== undefined) return parseAnyTime(record[name]);
  return Number.NaN;
}

/**
 * NGINX `log_format … escape=json`, whose field names are the user's: the recipe in the documentation and the common
 * variants. `$request_time` is in seconds, `$msec` in seconds with milliseconds, any number may be a text, `-` and ''
 * mean nothing.
 */
export const nginxJsonDecoder: Decoder = {
  input: 'json',

  recognise: (record) =>
    isObject(record) &&
    firstText(record, names.peer) !== '' &&
    record.status !== undefined &&
    !Number.isNaN(timeOf(record)) &&
    (firstText(record, names.method) !== '' || textOf(record.request) !== '')
      ? 'an address, a status, a method and a time under names of NGINX variables'
      : undefined,

  decode(record, { keyField, clientAddress }) {
    if (!isObject(record)) return reject('not-object', 'expected a JSON object');
    const line = splitRequestLine(textOf(record.request));
    const uri = firstText(record, names.uri) || line.uri;

    const secrets = noSecrets();
    for (const query of [queryOf(uri), queryOf(line.uri), firstText(record, names.args)])
      secretsOfQuery(secrets, query);
    secretsOfQuery(secrets, queryOf(firstText(record, ['http_referer', 'referer', 'referrer'])));
    secretsOfAuthorization(secrets, firstText(record, names.authorization));
    for (const name of names.raw) addSecret(secrets, textOf(record[name]));
    const key = keyOf(record, keyField, secrets);
    if (key === undefined) return { noKey: true };

    const ts = timeOf(record);
    if (Number.isNaN(ts)) {
      const present = [...names.msec, ...names.time].some((name) => record[name] !== undefined);
      return present
        ? reject('bad-time', 'time: expected RFC 3339, common log format or seconds since 1970')
        : reject('missing-field', 'time: expected a field such as time, time_iso8601 or msec');
    }
    const peer = firstText(record, names.peer);
    const ip = clientAddress({
      peer,
      forwardedFor: firstText(record, names.forwardedFor),
      forwarded: firstText(record, names.forwarded),
    });
    if (ip === '' && peer !== '' && !peer.startsWith('unix:'))
      return reject('bad-address', 'remote_addr: expected an IPv4 or IPv6 address');

    const keyName = firstText(record, names.keyName);
    const seconds = firstNumber(record, names.seconds);
    return {
      ts,
      key,
      keyName: keyName === key.text ? '' : keyName,
      tenant: firstText(record, names.tenant),
      ip,
      method: firstText(record, names.method) || line.method,
      path: uri,
      route: textOf(record.route),
      status: statusOf(firstText(record, names.status)),
      userAgent: firstText(record, names.userAgent),
      bytes: firstNumber(record, names.bytes),
      latencyMs: seconds === undefined ? undefined : Math.round(seconds * 1e6) / 1e3,
      requestId: firstText(record, names.requestId),
      country: firstText(record, ['country', 'geoip_country_code']),
      outcome: '',
      secrets: secrets.all,
    };
  },
};
