import { createHmac, timingSafeEqual } from 'node:crypto';

export const linkActions = ['this-was-me', 'suspend-now'] as const;
export type LinkAction = (typeof linkActions)[number];

/** What one link is good for. */
export interface OwnerLink {
  readonly action: LinkAction;
  readonly key: string;
  /** '' where there is none. */
  readonly incident: string;
  /** Wall clock, milliseconds. */
  readonly expires: number;
  /** Each is used once. */
  readonly id: string;
}

/** How long a page that was shown can be sent off, milliseconds. */
const FORM_MS = 15 * 60_000;
const MAX_LINK = 8_192;

/** HMAC-SHA-256; the purpose keeps links, forms and ids apart. */
const mac = (secret: string, purpose: string, text: string): Buffer =>
  createHmac('sha256', secret).update(`keywatch-owner\0${purpose}\0${text}`, 'utf8').digest();

const same = (given: string, wanted: Buffer): boolean => {
  const bytes = Buffer.from(given, 'base64url');
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
};

/** The id of a link: the same for the same alert, so that a mail that is sent twice carries one link and not two. */
export const linkId = (secret: string, action: LinkAction, alertId: string): string =>
  mac(secret, 'id', `${action}\0${alertId}`).subarray(0, 16).toString('base64url');

/** `payload.mac`, both base64url; the MAC is over action, key, incident, expiry and id. */
export function signLink(secret: string, { action, key, incident, expires, id }: OwnerLink): string {
  const payload = Buffer.from(JSON.stringify([action, key, incident, expires, id]), 'utf8').toString('base64url');
  return `${payload}.${mac(secret, 'link', payload).toString('base64url')}`;
}

/** The link where it is one of ours and not expired. Takes the same time wherever two MACs differ. */
export function readLink(secret: string, text: string, now: number): OwnerLink | 'forged' | 'expired' {
  const [, payload, given] = (text.length > MAX_LINK ? null : /^([\w-]+)\.([\w-]{43})$/.exec(text)) ?? [];
  if (payload === undefined || !same(given!, mac(secret, 'link', payload))) return 'forged';
  const [action, key, incident, expires, id] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return now >= expires ? 'expired' : { action, key, incident, expires, id };
}

/** What a page puts into its form: only who was shown the page can send it off, and only for a while. */
export const formToken = (secret: string, link: string, now: number): string =>
  `${now}.${mac(secret, 'form', `${now}\0${link}`).toString('base64url')}`;

export function isFormToken(secret: string, link: string, text: string, now: number): boolean {
  const [, at, given] = /^(\d{1,16})\.([\w-]{43})$/.exec(text) ?? [];
  if (at === undefined || !same(given!, mac(secret, 'form', `${at}\0${link}`))) return false;
  return now >= Number(at) && now - Number(at) <= FORM_MS;
}
