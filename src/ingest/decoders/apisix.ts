import { isObject } from '../decoder';
import { paths } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

const [consumer] = paths('consumer.username');

/**
 * Records of Apache APISIX's `kafka-logger` (and its other loggers) as `get_full_log` writes them: `start_time` and the
 * latencies in milliseconds, all request headers and the raw query in the clear. After authentication APISIX sets the
 * request header `X-Credential-Identifier`; without a consumer it is what the client sent, and is not believed.
 */
export const apisixDecoder = tableDecoder({
  recognise: (record) =>
    isObject(record) &&
    isObject(record.request) &&
    record.start_time !== undefined &&
    (record.apisix_latency !== undefined || record.upstream_latency !== undefined || record.route_id !== undefined)
      ? 'the fields request, start_time and apisix_latency of APISIX'
      : undefined,
  table: {
    time: paths('start_time').map((at) => ({ at, unit: 'ms' })),
    keys: [
      ...keys('credential', paths('request.headers."x-credential-identifier"'), { needs: consumer }),
      ...keys('consumer', [consumer]),
    ],
    keyName: [consumer],
    peer: paths('client_ip'),
    method: paths('request.method'),
    uri: paths('request.uri', 'request.url'),
    status: paths('response.status'),
    bytes: paths('response.size'),
    latency: paths('latency').map((at) => ({ at, unit: 'ms' })),
    requestId: [],
    headers: { maps: paths('request.headers') },
    parameters: paths('request.querystring'),
    urls: paths('request.url', 'request.headers.referer'),
  },
});
