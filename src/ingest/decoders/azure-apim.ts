import { isObject } from '../decoder';
import { firstText, textOf } from '../fields';
import { paths } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

/**
 * Gateway logs of Azure API Management: diagnostic settings to Event Hubs (`records`, the request in `properties`), and
 * flat records under the column names of the table `ApiManagementGatewayLogs`, as an export or a `log-to-eventhub`
 * policy writes them. The subscription id is an id; it stands for the subscription's two keys. Times are milliseconds.
 */
export const azureApimDecoder = tableDecoder({
  recognise(record) {
    if (!isObject(record)) return undefined;
    if (record.category === 'GatewayLogs' && isObject(record.properties))
      return 'the category GatewayLogs of API Management';
    return textOf(record.TimeGenerated) !== '' &&
      firstText(record, ['ApimSubscriptionId', 'ApiId', 'CallerIpAddress']) !== ''
      ? 'the columns TimeGenerated and ApimSubscriptionId of ApiManagementGatewayLogs'
      : undefined;
  },
  unwrap: (value) => (isObject(value) && Array.isArray(value.records) ? value.records : undefined),
  table: {
    time: paths('time', 'TimeGenerated').map((at) => ({ at, unit: 'rfc3339' })),
    keys: [
      ...keys(
        'credential',
        paths('properties.apimSubscriptionId', 'properties.ApimSubscriptionId', 'ApimSubscriptionId'),
      ),
      ...keys('consumer', paths('properties.userId', 'properties.UserId', 'UserId')),
    ],
    tenant: paths('properties.userId', 'properties.UserId', 'UserId'),
    peer: paths('callerIpAddress', 'CallerIpAddress'),
    method: paths('properties.method', 'properties.Method', 'Method'),
    uri: paths('properties.url', 'properties.Url', 'Url'),
    status: paths('properties.responseCode', 'properties.ResponseCode', 'ResponseCode'),
    bytes: paths('properties.responseSize', 'properties.ResponseSize', 'ResponseSize'),
    latency: paths('durationMs', 'DurationMs', 'TotalTime').map((at) => ({ at, unit: 'ms' })),
    requestId: paths('correlationId', 'CorrelationId'),
    headers: { maps: paths('properties.requestHeaders', 'properties.RequestHeaders', 'RequestHeaders') },
    urls: paths('properties.backendUrl', 'properties.BackendUrl', 'BackendUrl'),
  },
});
