import { Agent, request } from 'undici';
import type { Clock } from '../../ports';
import { retryAfterMs } from '../retry-later';
import { guardedConnector, type Resolve } from '../webhook/address-guard';
import { addressRules } from '../webhook/address-rules';
import { webhookUrlFault } from '../webhook/webhook';
import { DeliveryFailure, failureOfStatus } from './failure';

/** Answers hold one key's data; more than this is not one. */
const MAX_ANSWER_BYTES = 1_048_576;

/** Where an API is and how it may be reached: the rules of the webhook hold. */
export interface VendorPlace {
  readonly url: string;
  /** CIDRs at which private addresses are allowed. */
  readonly allowPrivate: readonly string[];
  readonly allowHttp: boolean;
  /** The part of the configuration that has them, for refusals. */
  readonly setting: string;
  /** For connecting and for the answer of one call, milliseconds. */
  readonly timeoutMs: number;
  /** For `Retry-After` dates. */
  readonly clock: Pick<Clock, 'now'>;
  /** Name resolution; the system's by default. */
  readonly resolve?: Resolve | undefined;
}

export interface VendorCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base address; its parts are escaped by the caller (`segment`). */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON; a text as a form. */
  readonly body?: object | string | undefined;
  readonly signal: AbortSignal;
  /** What the call does, in our words: the beginning of a failure's detail. */
  readonly what: string;
}

export interface VendorAnswer {
  readonly status: number;
  /** The body where it is a JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
  readonly header: (name: string) => string | undefined;
}

/** Calls of one API. Redirects are not followed; nothing of an answer but the fields that are asked for goes further. */
export interface VendorApi {
  /** Any answer is an answer. Throws where there is none, or more of it than fits. */
  ask(call: VendorCall): Promise<VendorAnswer>;
  /** As `ask`; throws `DeliveryFailure` on all statuses but 2xx, and those named in `also`. */
  must(call: VendorCall, also?: readonly number[]): Promise<VendorAnswer>;
  close(): Promise<void>;
}

/** A part of a path that cannot leave its place: `/`, `?`, `#`, and dots on their own are escaped or refused. */
export function segment(text: string): string {
  if (text === '.' || text === '..') throw new DeliveryFailure('the id cannot be part of an address', true);
  return encodeURIComponent(text);
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Throws at once, repeating nothing of it, on an address that must not be used. `headers` go with every call. */
export function openVendorApi(place: VendorPlace, headers: Readonly<Record<string, string>> = {}): VendorApi {
  const { url, allowHttp, setting, timeoutMs, clock } = place;
  const listName = `${setting}.allowPrivate`;
  const isOpen = addressRules(place.allowPrivate, listName);
  const fault = webhookUrlFault(url, allowHttp, isOpen, setting);
  if (fault !== undefined) throw new Error(fault);
  const base = url.replace(/\/+$/, '');
  const dispatcher = new Agent({
    connect: guardedConnector(isOpen, timeoutMs, place.resolve, listName),
    pipelining: 1,
    connections: 4,
  });

  async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of body) {
      size += piece.length;
      if (size > MAX_ANSWER_BYTES) throw new DeliveryFailure('the answer is longer than 1 MiB', false);
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  async function ask(call: VendorCall): Promise<VendorAnswer> {
    const { body } = call;
    const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
    const answer = await request(`${base}${call.path}`, {
      dispatcher,
      method: call.method,
      signal: call.signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      headers: {
        accept: 'application/json',
        'user-agent': 'keywatch',
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
        ...call.headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const json = objectOf(await textOf(answer.body));
    const header = (name: string) => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    return { status: answer.statusCode, json, header };
  }

  return {
    ask,
    async must(call, also = []) {
      const answer = await ask(call);
      const { status } = answer;
      if ((status >= 200 && status < 300) || also.includes(status)) return answer;
      throw failureOfStatus(call.what, status, retryAfterMs(answer.header('retry-after'), clock.now()));
    },
    close: () => dispatcher.destroy(),
  };
}
