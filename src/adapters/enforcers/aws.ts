import { lookup as systemLookup } from 'node:dns';
import type { Clock } from '../../ports';
import { retryAfterMs } from '../retry-later';
import { guardedLookup, type Resolve } from '../webhook/address-guard';
import { addressRules } from '../webhook/address-rules';
import { webhookUrlFault } from '../webhook/webhook';
import { DeliveryFailure } from './failure';

export interface AwsPlace {
  readonly region: string;
  /** Instead of AWS's own address for the region: an interface endpoint. */
  readonly endpoint?: string | undefined;
  readonly allowPrivate: readonly string[];
  readonly allowHttp: boolean;
  readonly timeoutMs: number;
  /** Without them the SDK's own chain: environment, web identity, container, instance. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly setting: string;
  /** For `Retry-After` dates. */
  readonly clock: Pick<Clock, 'now'>;
  readonly resolve?: Resolve | undefined;
}

/**
 * Settings of an SDK client. One attempt: Enforce repeats. Names of a configured endpoint are resolved under the rules of
 * the webhook; AWS's own names are not, since they come from no setting. Throws at once on an address that must not be used.
 */
export function awsSettings(place: AwsPlace) {
  const { region, endpoint, setting, timeoutMs, credentials } = place;
  const listName = `${setting}.allowPrivate`;
  const isOpen = addressRules(place.allowPrivate, listName);
  const fault =
    endpoint === undefined
      ? undefined
      : webhookUrlFault(endpoint, place.allowHttp, isOpen, setting)?.replace(`${setting}.url`, `${setting}.endpoint`);
  if (fault !== undefined) throw new Error(fault);
  const agent =
    endpoint === undefined ? {} : { lookup: guardedLookup(isOpen, place.resolve ?? systemLookup, listName) };
  return {
    region,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    customUserAgent: 'keywatch',
    requestHandler: {
      httpAgent: { ...agent, keepAlive: true, maxSockets: 4 },
      httpsAgent: { ...agent, keepAlive: true, maxSockets: 4 },
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
    },
  };
}

interface SdkError {
  readonly name?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown } | undefined;
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> | undefined } | undefined;
}

const notFound = new Set(['NoSuchEntity', 'NoSuchEntityException', 'NotFoundException']);
const throttled = /Throttl|TooManyRequests|RequestLimitExceeded|LimitExceeded/;

/** The error code of AWS; '' where the error is none of a service. */
export const codeOf = (error: unknown): string => {
  const { name } = (error ?? {}) as SdkError;
  // The SDK's own names for an answer that it could not read say nothing.
  if (name === 'Error' || name === 'SyntaxError') return '';
  return typeof name === 'string' && /^[A-Za-z0-9_.]{1,64}$/.test(name) ? name : '';
};

export const isNotFound = (error: unknown): boolean => notFound.has(codeOf(error));

/**
 * An error of the SDK as a failure: its code and status, never its message. What a right or a name is missing for may be
 * mended in time (403), so only requests that AWS calls invalid are permanent. Errors of the network pass as they are.
 */
export function awsFailure(what: string, error: unknown, now: number): unknown {
  const { $metadata, $response } = (error ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode;
  if (typeof status !== 'number') return error;
  const code = codeOf(error);
  const wait = retryAfterMs($response?.headers?.['retry-after'], now);
  const temporary = status === 401 || status === 403 || status === 429 || status >= 500 || throttled.test(code);
  return new DeliveryFailure(`${what}: HTTP ${status}${code === '' ? '' : ` ${code}`}`, !temporary, wait);
}
