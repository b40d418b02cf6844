import { z } from 'zod';
import type { AddressList } from './address-list';

const text = (max: number) => z.string().min(1).max(max);
const time = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((value) => Date.parse(value))
  .describe('RFC 3339 time, or a date (its first moment in UTC).');

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Clock times of the key's zone; `to` before `from` reaches into the next day, which belongs to the day of `from`. */
const businessHours = z.strictObject({
  zone: text(64)
    .refine(isZone, 'expected a zone of the IANA data base such as Europe/Berlin')
    .describe('IANA time zone.'),
  days: z.array(z.enum(weekdays)).min(1).max(7).default(['mon', 'tue', 'wed', 'thu', 'fri']),
  from: clockTime(),
  to: clockTime(),
});

/**
 * What the owner of the keys declares about one of them. Everything but `key` may be missing. `routes`, `cidrs`,
 * `countries`, `hours` and `expires` are limits: use outside them is a broken rule, whatever the key did before.
 */
export const keyFacts = z.strictObject({
  key: text(1024).describe('Key id as the log has it.'),
  name: text(256).optional(),
  owner: text(256).optional().describe('Whom to ask: a team, a mail address.'),
  tenant: text(256).optional(),
  tier: text(64).optional(),
  environment: text(64).optional(),
  created: time.optional(),
  rotated: time.optional(),
  expires: time.optional(),
  scopes: z.array(text(128)).max(256).default([]).describe('Names whose routes `inventory.scopes` lists.'),
  routes: z
    .array(text(512))
    .max(256)
    .default([])
    .describe('`METHOD /route` or `/route`; `*` stands for any characters.'),
  cidrs: z
    .array(z.string().regex(/^[0-9a-fA-F.:]{2,45}(\/\d{1,3})?$/, 'expected an address or a CIDR such as 10.0.0.0/8'))
    .max(256)
    .default([]),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'expected a country such as DE'))
    .max(256)
    .default([]),
  hours: businessHours.optional(),
  predecessor: text(1024).optional().describe('The key that this one replaces: its past is inherited.'),
  secretHash: text(1024).optional().describe('Keyed hash of the secret, where the log carries raw keys.'),
});

export type KeyFacts = z.infer<typeof keyFacts>;

/** All that is declared, of keys and of addresses, at one moment. Immutable: a change makes another with another digest. */
export interface Inventory {
  /** SHA-256 over its rows; '' for none. */
  readonly digest: string;
  readonly rows: readonly KeyFacts[];
  readonly lists: readonly AddressList[];
  /** By key id or by the keyed hash of the secret. */
  of(key: string): KeyFacts | undefined;
}

export const noInventory: Inventory = { digest: '', rows: [], lists: [], of: () => undefined };

export function inventoryOf(rows: readonly KeyFacts[], lists: readonly AddressList[], digest: string): Inventory {
  const known = new Map<string, KeyFacts>();
  for (const row of rows) if (row.secretHash !== undefined) known.set(row.secretHash, row);
  // Last, so that no row can take another's place by its hash.
  for (const row of rows) known.set(row.key, row);
  return { digest, rows, lists, of: (key) => known.get(key) };
}

function clockTime() {
  return z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time such as 08:30');
}

/** Of the zones asked for last: Intl takes some seventy microseconds to answer, and most rows name the same few. */
const zones = new Map<string, boolean>();
const MOST_ZONES = 1_000;

/** Whether this machine knows the time zone. */
export function isZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= MOST_ZONES) zones.clear();
  const found = hasZone(name);
  zones.set(name, found);
  return found;
}

function hasZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
