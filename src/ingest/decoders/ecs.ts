import { isObject } from '../decoder';
import { textOf } from '../fields';
import { paths, valueAt } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

/** A field of ECS nested, and as one name with dots: shippers write both. */
const both = (...names: readonly string[]) => names.flatMap((name) => paths(name, `"${name}"`));

const [method, flatMethod, status, flatStatus] = both('http.request.method', 'http.response.status_code');

/**
 * HTTP requests under the names of the Elastic Common Schema 8. ECS has no field for a key, so the key is one of the
 * usual custom fields, the user, or `ingest.keyField`. `event.duration` is in nanoseconds.
 */
export const ecsDecoder = tableDecoder({
  recognise: (record) =>
    isObject(record) &&
    textOf(record['@timestamp']) !== '' &&
    [method, flatMethod, status, flatStatus].some((path) => textOf(valueAt(record, path)) !== '')
      ? 'the fields @timestamp and http of the Elastic Common Schema'
      : undefined,
  table: {
    time: paths('"@timestamp"').map((at) => ({ at, unit: 'auto' })),
    keys: [
      ...keys('credential', both('api_key.id', 'labels.api_key_id', 'labels.key_id', 'labels.credential_id')),
      ...keys('consumer', both('user.id', 'client.user.id', 'source.user.id', 'user.hash', 'user.name')),
    ],
    keyName: both('user.name', 'user.full_name'),
    tenant: both('organization.id', 'organization.name'),
    peer: both('source.ip', 'client.ip', 'source.address', 'client.address'),
    peerMayBeName: true,
    forwardedFor: both('network.forwarded_ip', 'client.ip'),
    method: both('http.request.method'),
    uri: both('url.path', 'url.original', 'url.full'),
    status: both('http.response.status_code'),
    userAgent: both('user_agent.original'),
    bytes: both('http.response.bytes', 'http.response.body.bytes'),
    latency: both('event.duration').map((at) => ({ at, unit: 'ns' })),
    requestId: both('http.request.id', 'trace.id', 'event.id'),
    country: both('source.geo.country_iso_code', 'client.geo.country_iso_code'),
    headers: { maps: both('http.request.headers') },
    urls: both('url.original', 'url.full', 'http.request.referrer'),
    queries: both('url.query'),
  },
});
