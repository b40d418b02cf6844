import { isObject } from '../decoder';
import { textOf } from '../fields';
import { paths, valueAt } from '../path';
import { MAX_EVENTS } from '../records';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

type Fields = Readonly<Record<string, unknown>>;

/** Attributes of one record that are looked at. */
const MAX_ATTRIBUTES = 256;

/** The value of an OTLP `AnyValue`: text, number, or list of them; maps and bytes are passed over. */
function plainOf(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (isObject(value.arrayValue) && Array.isArray(value.arrayValue.values))
    return value.arrayValue.values.slice(0, 64).map((each) => (isObject(each) ? textOf(each.stringValue) : ''));
  return value.stringValue ?? value.intValue ?? value.doubleValue;
}

/** `[{key, value}]` as an object of attributes; a plain object is left as it is. */
function attributesOf(value: unknown): Fields | undefined {
  if (!Array.isArray(value)) return isObject(value) ? value : undefined;
  const attributes: Record<string, unknown> = Object.create(null);
  for (const pair of value.slice(0, MAX_ATTRIBUTES))
    if (isObject(pair) && typeof pair.key === 'string') attributes[pair.key] ??= plainOf(pair.value);
  return attributes;
}

/** Log records or spans of an OTLP request, at most one more than a record may hold. */
function leavesOf(groups: readonly unknown[], scopes: string, leaves: string): readonly unknown[] {
  const found: unknown[] = [];
  const listOf = (value: unknown, name: string) => {
    const list = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    return Array.isArray(list) ? list : [];
  };
  for (const group of groups)
    for (const scope of listOf(group, scopes))
      for (const leaf of listOf(scope, leaves)) {
        if (found.length > MAX_EVENTS) return found;
        found.push(leaf);
      }
  return found;
}

/** The record with its attributes as an object, and a span's duration in nanoseconds. */
function view(record: Fields): Fields {
  const { startTimeUnixNano: from, endTimeUnixNano: to } = record;
  const nanoseconds = typeof from === 'object' || typeof to === 'object' ? Number.NaN : Number(to) - Number(from);
  return {
    ...record,
    attributes: attributesOf(record.attributes) ?? record,
    duration: nanoseconds >= 0 ? nanoseconds : undefined,
  };
}

const within = (...names: readonly string[]) => paths(...names.map((name) => `attributes."${name}"`));
const [method, status, oldMethod, oldStatus] = within(
  'http.request.method',
  'http.response.status_code',
  'http.method',
  'http.status_code',
);

/**
 * HTTP server requests under the names of OpenTelemetry's semantic conventions (1.23 and later; a few older names too):
 * OTLP as JSON (`resourceLogs`, `resourceSpans`), and single records with `attributes`. No attribute holds a key: it is
 * one of the usual custom attributes, `enduser.id`, or `ingest.keyField`. Span times are nanoseconds since 1970.
 */
export const otelDecoder = tableDecoder({
  recognise(record) {
    const attributes =
      isObject(record) && record.attributes !== undefined ? attributesOf(record.attributes) : undefined;
    if (attributes === undefined) return undefined;
    return [method, status, oldMethod, oldStatus].some((path) => textOf(valueAt({ attributes }, path)) !== '')
      ? 'the attributes http.request.method and http.response.status_code of OpenTelemetry'
      : undefined;
  },
  unwrap(value) {
    if (!isObject(value)) return undefined;
    if (Array.isArray(value.resourceLogs)) return leavesOf(value.resourceLogs, 'scopeLogs', 'logRecords');
    if (Array.isArray(value.resourceSpans)) return leavesOf(value.resourceSpans, 'scopeSpans', 'spans');
    return undefined;
  },
  view,
  table: {
    time: [
      ...paths('startTimeUnixNano', 'timeUnixNano', 'observedTimeUnixNano').map((at) => ({ at, unit: 'ns' as const })),
      ...paths('"@timestamp"', 'timestamp').map((at) => ({ at, unit: 'auto' as const })),
    ],
    keys: [
      ...keys('credential', within('api_key.id', 'credential.id', 'key.id')),
      ...keys('consumer', within('enduser.pseudo.id', 'enduser.id', 'user.id', 'user.hash', 'user.name')),
    ],
    keyName: within('user.name', 'user.full_name'),
    tenant: within('tenant.id', 'organization.id'),
    // What instrumentation takes for the client comes out of a header, so it counts as one.
    peer: within('network.peer.address', 'net.sock.peer.addr', 'client.address', 'http.client_ip'),
    peerMayBeName: true,
    forwardedFor: within('client.address', 'http.client_ip'),
    method: [method, oldMethod],
    uri: within('url.path', 'url.full', 'http.target', 'http.url'),
    route: within('http.route'),
    status: [status, oldStatus],
    userAgent: within('user_agent.original', 'http.user_agent'),
    bytes: within('http.response.body.size', 'http.response.size', 'http.response_content_length'),
    latency: paths('duration').map((at) => ({ at, unit: 'ns' })),
    requestId: paths('traceId', 'trace_id'),
    headers: { maps: [], prefix: { within: paths('attributes')[0], text: 'http.request.header.' } },
    urls: within('url.full', 'http.target', 'http.url'),
    queries: within('url.query'),
  },
});
