import { isIP } from 'node:net';
import { Agent, request } from 'undici';
import { isReversible, type KeyAction } from '../../domain/action';
import type { Clock, DeliveryResult, EnforcementCommand, Enforcer } from '../../ports';
import { retryAfterMs } from '../retry-later';
import { guardedConnector, RefusedAddress, type Resolve } from './address-guard';
import { addressRules } from './address-rules';
import { sign, type WebhookSecret } from './sign';

/** Of a receiver's answer only the status counts; this much of its body is read, to keep the connection. */
const MAX_ANSWER_BYTES = 4_096;
const ANSWER_BODY_MS = 1_000;
/** What a receiver behind the webhook may need to reach all its gateways; a guess, since it does not say. */
const EFFECT_MS = 60_000;

export interface WebhookOptions {
  readonly url: string;
  readonly secrets: readonly WebhookSecret[];
  /** CIDRs at which private addresses are allowed. */
  readonly allowPrivate: readonly string[];
  readonly allowHttp: boolean;
  /** What the receiver can do. Default: `suspend`. */
  readonly actions?: readonly KeyAction[] | undefined;
  /** For one attempt as a whole, milliseconds. */
  readonly timeoutMs: number;
  /** For the signed timestamp and for `Retry-After` dates. */
  readonly clock: Pick<Clock, 'now'>;
  /** Name resolution; the system's by default. */
  readonly resolve?: Resolve | undefined;
}

/**
 * What is wrong with a receiver's URL, or undefined. Repeats nothing of the URL: its path or query may be secret.
 * @param setting the part of the configuration that has `url` and `allowHttp`
 */
export function webhookUrlFault(
  text: string,
  allowHttp: boolean,
  isOpen: (address: string) => boolean,
  setting = 'enforce.webhook',
): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return `${setting}.url: not a URL`;
  if (url.username !== '' || url.password !== '') return `${setting}.url: no user or password in it`;
  if (url.protocol === 'http:' && !allowHttp) return `${setting}.url: http: needs ${setting}.allowHttp`;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${setting}.url: expected https:`;
  // The URL parser has turned decimal, octal and hexadecimal spellings of an IPv4 address into the usual one.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isOpen(host)) {
    return `${setting}.url: ${new RefusedAddress(`${setting}.allowPrivate`).message}`;
  }
  return undefined;
}

/** The code of a failure without its message: messages of sockets and TLS may carry host, path or certificate. */
function failure(error: unknown, timedOut: boolean): DeliveryResult {
  if (error instanceof RefusedAddress) {
    return { ok: false, detail: error.message, permanent: true, retryAfterMs: undefined };
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  const known = [code, name].find((text) => typeof text === 'string' && /^[A-Za-z0-9_]{1,64}$/.test(text));
  const detail = timedOut ? 'timeout' : `no answer (${known ?? 'unknown error'})`;
  return { ok: false, detail, permanent: false, retryAfterMs: undefined };
}

function judge(status: number, retryAfter: number | undefined): DeliveryResult {
  if (status >= 200 && status < 300) return { ok: true, detail: `HTTP ${status}` };
  const redirect = status >= 300 && status < 400;
  return {
    ok: false,
    detail: `HTTP ${status}${redirect ? ', redirects are not followed' : ''}`,
    permanent: status === 410,
    retryAfterMs: retryAfter,
  };
}

/**
 * Delivers commands as Standard Webhooks 1.0.0: POST of the body as JSON with `webhook-id`, `webhook-timestamp` (fresh
 * for each attempt) and `webhook-signature`. One call is one attempt; only a 2xx is success. Throws at once, repeating
 * nothing of it, on a URL that must not be used.
 */
export function createWebhook(options: WebhookOptions): Enforcer {
  const { url, secrets, timeoutMs, clock, actions = ['suspend'] } = options;
  const isOpen = addressRules(options.allowPrivate);
  const fault = webhookUrlFault(url, options.allowHttp, isOpen);
  if (fault !== undefined) throw new Error(fault);
  if (secrets.length === 0) throw new Error('enforce.webhook: no secret to sign with');
  const dispatcher = new Agent({
    connect: guardedConnector(isOpen, timeoutMs, options.resolve),
    pipelining: 1,
    connections: 8,
  });

  async function post(command: EnforcementCommand, signal: AbortSignal): Promise<DeliveryResult> {
    const body = JSON.stringify(command.body);
    const seconds = Math.floor(clock.now() / 1_000);
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'keywatch',
        'webhook-id': command.id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': sign(secrets, command.id, seconds, body),
      },
      body,
    });
    await answer.body
      .dump({ limit: MAX_ANSWER_BYTES, signal: AbortSignal.timeout(ANSWER_BODY_MS) })
      .catch(() => undefined);
    return judge(answer.statusCode, retryAfterMs(answer.headers['retry-after'], clock.now()));
  }

  return {
    name: 'webhook',
    capabilities: {
      actions,
      reversible: actions.filter(isReversible),
      granularity: 'key',
      effectMs: EFFECT_MS,
      keyKinds: ['credential', 'consumer', 'hash'],
    },
    async deliver(command, signal) {
      if (!/^[A-Za-z0-9_-]{1,256}$/.test(command.id)) {
        return { ok: false, detail: 'the id cannot be a webhook-id', permanent: true, retryAfterMs: undefined };
      }
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        return await post(command, AbortSignal.any([signal, timeout]));
      } catch (error) {
        return failure(error, timeout.aborted);
      }
    },
    close: () => dispatcher.destroy(),
  };
}
