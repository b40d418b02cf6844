import type { DeliveryResult } from '../../ports';
import { RefusedAddress } from '../webhook/address-guard';

/** An attempt that did not succeed, as it is answered. Its message repeats nothing that the vendor sent. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  constructor(
    detail: string,
    /** Trying again cannot help. */
    readonly permanent: boolean,
    /** What the vendor asked for, milliseconds. */
    readonly retryAfterMs: number | undefined = undefined,
  ) {
    super(detail);
  }
}

/** Trying again cannot help. */
export const refused = (detail: string): DeliveryFailure => new DeliveryFailure(detail, true);

/**
 * HTTP statuses after which the same request will be refused again. Not 401 and 403: rights and tokens are mended while
 * an attempt is still worth something, and until then `/readyz` says what is wrong.
 */
const hopeless = new Set([400, 404, 405, 409, 410, 412, 422]);

/** A status that is no success. `what` says which call it was, in our words. */
export const failureOfStatus = (what: string, status: number, retryAfterMs?: number): DeliveryFailure =>
  new DeliveryFailure(`${what}: HTTP ${status}`, hopeless.has(status), retryAfterMs);

/** Whatever was thrown, as the answer of the attempt. Of a foreign error only its code is told: messages may hold hosts. */
export function resultOf(error: unknown, timedOut: boolean): DeliveryResult {
  if (error instanceof DeliveryFailure) {
    return { ok: false, detail: error.message, permanent: error.permanent, retryAfterMs: error.retryAfterMs };
  }
  if (error instanceof RefusedAddress) {
    return { ok: false, detail: error.message, permanent: true, retryAfterMs: undefined };
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  const known = [code, name].find((text) => typeof text === 'string' && /^[A-Za-z0-9_]{1,64}$/.test(text));
  const detail = timedOut ? 'timeout' : `no answer (${known ?? 'unknown error'})`;
  return { ok: false, detail, permanent: false, retryAfterMs: undefined };
}
