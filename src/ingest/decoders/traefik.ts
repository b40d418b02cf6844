import { isObject } from '../decoder';
import { firstText, textOf } from '../fields';
import { paths } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

/**
 * Traefik's access log as JSON. Durations are in nanoseconds, `StartUTC` is RFC 3339. Request headers stand in fields
 * `request_<Header>` where `accessLog.fields.headers` keeps them; by default it drops them, and with them the key.
 */
export const traefikDecoder = tableDecoder({
  recognise: (record) =>
    isObject(record) &&
    textOf(record.RequestMethod) !== '' &&
    (record.DownstreamStatus !== undefined || record.OriginStatus !== undefined) &&
    firstText(record, ['StartUTC', 'time']) !== ''
      ? 'the fields RequestMethod, DownstreamStatus and StartUTC of Traefik'
      : undefined,
  table: {
    time: paths('StartUTC', 'time').map((at) => ({ at, unit: 'rfc3339' })),
    keys: keys('consumer', paths('ClientUsername')),
    keyName: paths('ClientUsername'),
    peer: paths('ClientAddr', 'ClientHost'),
    method: paths('RequestMethod'),
    uri: paths('RequestPath'),
    status: paths('DownstreamStatus', 'OriginStatus'),
    bytes: paths('DownstreamContentSize', 'OriginContentSize'),
    latency: paths('Duration').map((at) => ({ at, unit: 'ns' })),
    requestId: [],
    headers: { maps: [], prefix: { within: [], text: 'request_' } },
    urls: paths('request_Referer'),
  },
});
