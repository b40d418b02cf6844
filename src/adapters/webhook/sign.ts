import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signatures of Standard Webhooks 1.0.0, symmetric scheme `v1`: HMAC-SHA-256 over `{id}.{timestamp}.{body}`, base64,
 * with the timestamp in whole seconds since 1970 UTC.
 */
export interface WebhookSecret {
  readonly key: Buffer;
}

/** How far a signed timestamp may be from the verifier's clock, milliseconds. */
export const TOLERANCE_MS = 300_000;

const MAX_SECRETS = 4;
const PREFIX = 'whsec_';
const RAW = 'raw:';

function parseOne(text: string): WebhookSecret {
  if (text.startsWith(RAW)) {
    const key = Buffer.from(text.slice(RAW.length), 'utf8');
    if (key.length < 24) throw new Error('webhook secret: a raw secret needs at least 24 bytes');
    return { key };
  }
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  const key = Buffer.from(encoded, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || key.length < 24 || key.length > 64) {
    throw new Error('webhook secret: expected whsec_ and the base64 of 24 to 64 bytes');
  }
  return { key };
}

/**
 * Reads one to four secrets, separated by white space: `whsec_` and base64, or `raw:` and the bytes themselves (Kong's
 * verifier takes those). During a rotation both the new and the old one are given and every request is signed with
 * each. Throws an error that does not repeat the text.
 */
export function parseSecrets(text: string): readonly WebhookSecret[] {
  const parts = text.split(/\s+/).filter((part) => part !== '');
  if (parts.length === 0) throw new Error('webhook secret: it is empty');
  if (parts.length > MAX_SECRETS) throw new Error(`webhook secret: at most ${MAX_SECRETS} secrets`);
  return parts.map(parseOne);
}

const mac = (secret: WebhookSecret, id: string, seconds: string, body: string | Buffer): Buffer =>
  createHmac('sha256', secret.key).update(`${id}.${seconds}.`).update(body).digest();

/** Value of `webhook-signature`: one `v1,<base64>` per secret, separated by spaces. `seconds` since 1970 UTC. */
export function sign(secrets: readonly WebhookSecret[], id: string, seconds: number, body: string): string {
  return secrets.map((secret) => `v1,${mac(secret, id, String(seconds), body).toString('base64')}`).join(' ');
}

export interface SignatureHeaders {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/**
 * Undefined when one of the signatures is by one of the secrets and the timestamp is within `TOLERANCE_MS` of `now`
 * (milliseconds); else why not. Takes the same time wherever two signatures differ.
 */
export function verify(
  secrets: readonly WebhookSecret[],
  headers: SignatureHeaders,
  body: Buffer,
  now: number,
): 'missing-header' | 'bad-timestamp' | 'bad-signature' | undefined {
  const { id, timestamp, signature } = headers;
  if (!id || !timestamp || !signature) return 'missing-header';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) * 1_000 - now) > TOLERANCE_MS) return 'bad-timestamp';
  const given = signature
    .split(' ')
    .slice(0, 16)
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice(3), 'base64'));
  let found = false;
  for (const secret of secrets) {
    const wanted = mac(secret, id, timestamp, body);
    for (const bytes of given) {
      if (bytes.length === wanted.length && timingSafeEqual(bytes, wanted)) found = true;
    }
  }
  return found ? undefined : 'bad-signature';
}
