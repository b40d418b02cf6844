import { isObject } from '../decoder';
import { firstText, textOf } from '../fields';
import { paths } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

/**
 * Access log of Amazon API Gateway, a JSON format of `$context` variables under the names of the variables. All values
 * are texts, `-` where a variable is empty. `apiKeyId` is an id, `apiKey` is the key itself. `responseLatency` is in
 * milliseconds, `responseLength` in bytes, `requestTimeEpoch` in milliseconds, `requestTime` in common log format.
 */
export const awsApiGatewayDecoder = tableDecoder({
  recognise: (record) =>
    isObject(record) &&
    textOf(record.requestId) !== '' &&
    firstText(record, ['httpMethod', 'routeKey', 'resourcePath']) !== '' &&
    firstText(record, ['requestTimeEpoch', 'requestTime']) !== ''
      ? 'the fields requestId, httpMethod and requestTime of $context'
      : undefined,
  table: {
    time: [
      ...paths('requestTimeEpoch').map((at) => ({ at, unit: 'ms' as const })),
      ...paths('requestTime').map((at) => ({ at, unit: 'auto' as const })),
    ],
    keys: [
      ...keys('credential', paths('apiKeyId', 'identity.apiKeyId')),
      ...keys('hash', paths('apiKey', 'identity.apiKey')),
      ...keys('consumer', paths('principalId', 'authorizer.principalId', 'caller', 'user', 'userArn')),
    ],
    keyName: paths('user'),
    tenant: paths('accountId', 'identity.accountId'),
    peer: paths('ip', 'sourceIp', 'identity.sourceIp'),
    forwardedFor: paths('xForwardedFor', 'forwardedFor'),
    method: paths('httpMethod'),
    uri: paths('path'),
    route: paths('resourcePath', 'routeKey'),
    status: paths('status'),
    userAgent: paths('userAgent', 'identity.userAgent'),
    bytes: paths('responseLength'),
    latency: paths('responseLatency').map((at) => ({ at, unit: 'ms' })),
    requestId: paths('requestId'),
  },
});
