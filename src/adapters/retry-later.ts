import { MAX_RETRY_AFTER_MS } from '../enforce/schedule';

/** A failed write whose receiver said when to come again. Its message repeats no URL, secret or body. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  constructor(
    message: string,
    /** Milliseconds. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

/**
 * `Retry-After` in milliseconds from `now`: whole seconds or an HTTP date (RFC 9110), at most `MAX_RETRY_AFTER_MS`;
 * undefined where there is none or it says nothing.
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (text === undefined || text === '') return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, Math.min(wait, MAX_RETRY_AFTER_MS));
}
