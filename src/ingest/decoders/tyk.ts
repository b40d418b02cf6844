import { isObject } from '../decoder';
import { paths } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

/**
 * Records of Tyk Pump's Kafka pump. `api_key` is the key itself, unless the gateway hashes keys (`hash_keys`): then say
 * `ingest.keyIs: id`, and Tyk's hash is the id. `00000000` is no key. `request_time_ms` is in milliseconds;
 * `content_length` is the request's, so what was sent is unknown. `raw_request` and `raw_response` are not looked at.
 */
export const tykDecoder = tableDecoder({
  recognise: (record) =>
    isObject(record) && record.api_id !== undefined && record.org_id !== undefined && record.response_code !== undefined
      ? 'the fields api_id, org_id and response_code of Tyk Pump'
      : undefined,
  view: (record) => (record.api_key === '00000000' ? { ...record, api_key: '' } : record),
  table: {
    time: paths('timestamp').map((at) => ({ at, unit: 'rfc3339' })),
    keys: [...keys('hash', paths('api_key'), { ambiguous: true }), ...keys('consumer', paths('oauth_id'))],
    keyName: paths('alias'),
    tenant: paths('org_id'),
    peer: paths('ip_address'),
    method: paths('method'),
    uri: paths('raw_path', 'path'),
    status: paths('response_code'),
    userAgent: paths('user_agent'),
    latency: [
      ...paths('request_time_ms').map((at) => ({ at, unit: 'ms' as const })),
      ...paths('request_time').map((at) => ({ at, unit: 'ms' as const })),
    ],
    urls: paths('path'),
  },
});
