import { z } from 'zod';
import { cidr, count, duration, secretFrom } from './values';

/** A mail address without a display name, and without anything that could end a header or name a second one. */
export const mailAddress = z
  .string()
  .max(254)
  .regex(
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,8}$/,
    'expected a mail address',
  );

/** Owners of keys are told by mail, in a chat, or both, with two links: this was me, and suspend now. */
export const owner = z.strictObject({
  /** Under which the `inbound` listener is reached from where owners read it. */
  url: z.url({ protocol: /^https?$/ }),
  /** Signs the links; at least 32 characters. */
  linkSecretFrom: secretFrom,
  /** How long a link is good for. */
  expires: duration('24h'),
  mail: z
    .strictObject({
      host: z.string().min(1).max(253),
      port: z.number().int().min(1).max(65_535).default(587),
      /** `starttls` and `tls` are refused by a server that does not offer them; `none` is for a relay on this machine. */
      tls: z.enum(['starttls', 'tls', 'none']).default('starttls'),
      from: mailAddress,
      user: z.string().max(256).optional(),
      passwordFrom: secretFrom.optional(),
      timeout: duration('15s'),
    })
    .optional(),
  /** Incoming webhooks of a chat service; their URLs are secrets. */
  chat: z
    .strictObject({
      style: z.enum(['slack', 'teams']),
      /** For owners who have none of their own; without it they are not told in a chat. */
      urlFrom: secretFrom.optional(),
      owners: z.record(z.string().min(1).max(256), z.strictObject({ urlFrom: secretFrom })).default({}),
      allowPrivate: z.array(cidr).max(64).default([]),
      allowHttp: z.boolean().default(false),
      timeout: duration('15s'),
    })
    .optional(),
  /** Addresses of owners that the inventory names otherwise, such as teams. */
  contacts: z.record(z.string().min(1).max(256), mailAddress).default({}),
  /** Messages an hour to one address or webhook; further ones are left out. */
  perHour: count(20, 10_000),
  /** How long `this was me` mutes the strongest statistical evidence, and `suspend now` suspends. */
  mute: duration('1d'),
  suspend: duration('24h'),
  /** Whether `this was me` also releases what keywatch did by itself. */
  mayRelease: z.boolean().default(false),
});
