import { isObject } from '../decoder';
import { textOf } from '../fields';
import { type FieldPath, paths, valueAt } from '../path';
import { keys } from '../table';
import { tableDecoder } from '../table-decoder';

type Fields = Readonly<Record<string, unknown>>;

const [accessKey, role, actor, user, roleName, account, sent] = paths(
  'userIdentity.accessKeyId',
  'userIdentity.sessionContext.sessionIssuer.arn',
  'userIdentity.arn',
  'userIdentity.userName',
  'userIdentity.sessionContext.sessionIssuer.userName',
  'userIdentity.accountId',
  'additionalEventData.bytesTransferredOut',
);

/** The HTTP status that an API error stands for: CloudTrail names errors and has no statuses. */
function statusOf(error: string): number {
  if (error === '') return 200;
  if (/AccessDenied|Unauthorized|Forbidden|NotAuthorized/i.test(error)) return 403;
  if (/InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|ExpiredToken|AuthFailure/i.test(error)) return 401;
  if (/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/i.test(error)) return 429;
  if (/NotFound|NoSuch/i.test(error)) return 404;
  return /Internal|ServiceUnavailable|ServerException/i.test(error) ? 500 : 400;
}

const long = 200;

/**
 * The event with what CloudTrail does not say outright. A temporary key (`ASIA…`) lives for hours, so its role, or the
 * principal where there is no role, is what has a history; it stands for all sessions of that role.
 */
function view(event: Fields): Fields {
  const text = (path: FieldPath) => textOf(valueAt(event, path));
  const key = text(accessKey);
  const temporary = key.startsWith('ASIA');
  const error = textOf(event.errorCode).slice(0, long);
  const service = textOf(event.eventSource)
    .slice(0, long)
    .replace(/\.amazonaws\.com(?:\.cn)?$/, '');
  const operation = textOf(event.eventName).slice(0, long);
  return {
    time: event.eventTime,
    credential: temporary ? '' : key,
    consumer: temporary ? text(role) || text(actor) : '',
    keyName: text(user) || text(roleName),
    tenant: text(account) || textOf(event.recipientAccountId),
    ip: event.sourceIPAddress,
    route: operation === '' ? '' : `${service}:${operation}`,
    status: statusOf(error),
    userAgent: event.userAgent,
    bytes: valueAt(event, sent),
    requestId: event.eventID,
    outcome: error,
  };
}

/**
 * AWS CloudTrail records: files (`Records`), EventBridge events (`detail`), and single events, event version 1.0x.
 * Neither method nor path: the route is the service and operation, as in `s3:GetObject`. Where an AWS service acts,
 * the address is a DNS name or `AWS Internal`: then the address is unknown.
 */
export const cloudtrailDecoder = tableDecoder({
  recognise: (event) =>
    isObject(event) &&
    isObject(event.userIdentity) &&
    // S3's notifications have all the other fields too, and no key.
    textOf(event.eventID) !== '' &&
    textOf(event.eventSource) !== '' &&
    textOf(event.eventName) !== ''
      ? 'the fields userIdentity, eventSource and eventName of CloudTrail'
      : undefined,
  unwrap(value) {
    if (!isObject(value)) return undefined;
    if (Array.isArray(value.Records)) return value.Records;
    return isObject(value.detail) && value.userIdentity === undefined ? [value.detail] : undefined;
  },
  view,
  table: {
    time: paths('time').map((at) => ({ at, unit: 'rfc3339' })),
    keys: [...keys('credential', paths('credential')), ...keys('consumer', paths('consumer'))],
    keyName: paths('keyName'),
    tenant: paths('tenant'),
    peer: paths('ip'),
    peerMayBeName: true,
    route: paths('route'),
    status: paths('status'),
    userAgent: paths('userAgent'),
    bytes: paths('bytes'),
    requestId: paths('requestId'),
    outcome: paths('outcome'),
  },
});
