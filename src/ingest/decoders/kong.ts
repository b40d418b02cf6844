import { type Decoder, isObject, type KeyCandidate, reject } from '../decoder';
import { firstNumber, firstText, numberOf, statusOf, textOf } from '../fields';
import { listHeader } from '../headers';
import { noSecrets, queryOf, type Secrets, secretsOfHeaders, secretsOfParameters, secretsOfQuery } from '../places';

type Fields = Readonly<Record<string, unknown>>;
const empty: Fields = {};
const part = (record: Fields, name: string): Fields => {
  const value = record[name];
  return isObject(value) ? value : empty;
};

/** Where the identity is an id it is used; the consumer's id stands for all of its keys; a raw key is the last resort. */
function keyOf(record: Fields, secrets: Secrets): KeyCandidate | undefined {
  const entity = part(record, 'authenticated_entity');
  const credential = textOf(entity.id);
  if (credential !== '') return { text: credential, kind: 'credential', ambiguous: false };
  const consumer = textOf(part(record, 'consumer').id) || textOf(entity.consumer_id);
  if (consumer !== '') return { text: consumer, kind: 'consumer', ambiguous: false };
  return secrets.keys.length > 0 ? { text: secrets.keys[0], kind: 'hash', ambiguous: false } : undefined;
}

/** Header by its lower-case name, as Kong writes them. */
const header = (headers: Fields, name: string): string => textOf(headers[name]);

/**
 * Kong's `http-log` and `kafka-log` records, as `kong.log.serialize()` of Kong 3.x writes them: `started_at` in
 * milliseconds, `latencies.request` in milliseconds, `response.size` in bytes. The records hold all request headers and
 * the raw URI, so an `apikey` header or parameter stands in them in the clear.
 */
export const kongDecoder: Decoder = {
  input: 'json',

  recognise: (record) =>
    isObject(record) && isObject(record.request) && (isObject(record.latencies) || record.started_at !== undefined)
      ? 'the objects request and latencies of kong.log.serialize'
      : undefined,

  decode(record, { keyField, clientAddress }) {
    if (!isObject(record)) return reject('not-object', 'expected a JSON object');
    const request = record.request;
    if (request === undefined) return reject('missing-field', 'request: expected an object');
    if (!isObject(request)) return reject('wrong-type', 'request: expected an object');
    const startedAt = record.started_at;
    if (startedAt === undefined) return reject('missing-field', 'started_at: expected milliseconds since 1970');
    const ts = numberOf(startedAt);
    if (ts === undefined) return reject('bad-time', 'started_at: expected milliseconds since 1970');

    const headers = part(request, 'headers');
    const uri = firstText(request, ['uri', 'url']);
    const secrets = noSecrets();
    secretsOfHeaders(secrets, headers, keyField);
    secretsOfParameters(secrets, part(request, 'querystring'));
    secretsOfQuery(secrets, queryOf(uri));
    const key = keyOf(record, secrets);
    if (key === undefined) return { noKey: true };

    const peer = textOf(record.client_ip);
    const ip = clientAddress({
      peer,
      forwardedFor: listHeader(headers, 'x-forwarded-for'),
      forwarded: listHeader(headers, 'forwarded'),
    });
    if (ip === '' && peer !== '' && !peer.startsWith('unix:'))
      return reject('bad-address', 'client_ip: expected an IPv4 or IPv6 address');

    const response = part(record, 'response');
    const workspace = textOf(record.workspace_name);
    return {
      ts: Math.trunc(ts),
      key,
      keyName: firstText(part(record, 'consumer'), ['username', 'custom_id']),
      // The one workspace that every installation has says nothing about whose key it is.
      tenant: workspace === 'default' ? '' : workspace,
      ip,
      method: textOf(request.method),
      path: uri,
      route: textOf(part(record, 'route').name),
      status: statusOf(response.status),
      userAgent: header(headers, 'user-agent'),
      bytes: numberOf(response.size),
      latencyMs: firstNumber(part(record, 'latencies'), ['request']),
      requestId: firstText(request, ['id']) || header(headers, 'x-request-id'),
      country: '',
      outcome: '',
      secrets: secrets.all,
    };
  },
};
