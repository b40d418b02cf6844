import { isObject } from '../decoder';
import { textOf } from '../fields';
import { paths } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

/**
 * Envoy and Istio access logs as JSON. The names are those of Istio's default JSON format (`EnvoyJSONLogFormatIstio`,
 * 24 fields); what identifies the key is not among them and has to be added to the format (docs/formats.md). `duration`
 * is in milliseconds; `downstream_remote_address` has a port and is the client already where Envoy trusts
 * X-Forwarded-For (`use_remote_address`, `xff_num_trusted_hops`).
 */
export const envoyDecoder = tableDecoder({
  recognise: (record) =>
    isObject(record) &&
    record.response_code !== undefined &&
    (record.response_flags !== undefined || record.response_code_details !== undefined) &&
    textOf(record.start_time) !== ''
      ? 'the fields start_time, response_code and response_flags of Envoy'
      : undefined,
  table: {
    time: paths('start_time').map((at) => ({ at, unit: 'auto' })),
    keys: [
      ...keys('credential', paths('api_key_id', 'key_id', 'credential_id', 'x_credential_identifier')),
      ...keys('hash', paths('x_api_key', 'api_key', 'apikey')),
      ...keys('consumer', paths('consumer_id', 'x_consumer_id', 'consumer', 'x_consumer_username', 'jwt_sub')),
    ],
    keyName: paths('consumer', 'x_consumer_username'),
    tenant: paths('tenant', 'x_tenant_id'),
    peer: paths('downstream_remote_address', 'downstream_direct_remote_address'),
    peerMayBeName: true,
    forwardedFor: paths('x_forwarded_for'),
    method: paths('method'),
    uri: paths('path'),
    route: [],
    status: paths('response_code'),
    userAgent: paths('user_agent'),
    bytes: paths('bytes_sent'),
    latency: paths('duration').map((at) => ({ at, unit: 'ms' })),
    requestId: paths('request_id'),
    authorization: paths('authorization'),
    urls: paths('referer', 'x_envoy_original_path'),
  },
});
