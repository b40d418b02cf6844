import { LEAK_RULE } from '../../decide/leak-notice';
import type { AlertDocument } from '../../domain/alert';
import type { Inventory } from '../../domain/inventory';
import type { AlertSink } from '../../ports';
import { type LinkAction, linkId, signLink } from './links';
import type { Mailer } from './mail';
import { plain } from './page';

export interface OwnerSinkOptions {
  readonly mailer: Mailer;
  readonly inventory: () => Inventory;
  /** The address of an owner as the inventory names him; undefined where there is none. */
  readonly addressOf: (owner: string) => string | undefined;
  /** Without a slash at the end. */
  readonly url: string;
  readonly secret: string;
  readonly expiresMs: number;
  /** Mails an hour to one address. */
  readonly perHour: number;
  readonly now: () => number;
  /** Told of mails that are not sent; no address in it. */
  readonly onLeftOut: (alert: string, reason: string) => void;
}

const HOUR = 3_600_000;
/** Mails remembered as sent, and addresses whose mails are counted. */
const MOST = 10_000;

/**
 * Tells owners of their keys: when a key is alerted, and when it was suspended. Fed by the outbox as every output is; a document
 * that comes again while this process lives is not mailed again, after a crash it may be, with the same links.
 */
export function createOwnerSink(options: OwnerSinkOptions): AlertSink {
  const { mailer, inventory, addressOf, perHour, now, onLeftOut } = options;
  const sent = new Set<string>();
  const counts = new Map<string, { hour: number; mails: number }>();

  function mayMail(address: string): boolean {
    const hour = Math.floor(now() / HOUR);
    const known = counts.get(address);
    const count = known?.hour === hour ? known : { hour, mails: 0 };
    if (counts.size >= MOST) counts.clear();
    counts.set(address, count);
    count.mails += 1;
    return count.mails <= perHour;
  }

  return {
    name: 'owners',
    async write(documents) {
      for (const document of documents) {
        const { id } = document.event;
        const key = keyToTell(document);
        const row = key === undefined ? undefined : inventory().of(key);
        const to = row?.owner === undefined ? undefined : addressOf(row.owner);
        if (key === undefined || to === undefined || sent.has(id)) continue;
        if (mayMail(to)) {
          const result = await mailer.send({ to, id, ...messageOf(document, key, row?.name ?? '', options) });
          if (result === 'refused') onLeftOut(id, 'the mail server refuses the recipient');
        } else onLeftOut(id, 'too many mails to this owner in an hour');
        if (sent.size >= MOST) sent.clear();
        sent.add(id);
      }
    },
    async close() {
      mailer.close();
    },
  };
}

/** The key whose owner is to hear of it; nobody hears of the canary or of a test. */
function keyToTell({ event, user, related, keywatch }: AlertDocument): string | undefined {
  if (keywatch.canary === true || keywatch.test === true) return undefined;
  if (event.kind === 'alert') return user?.id;
  return event.action === 'key-suspended' ? related?.user?.[0] : undefined;
}

function messageOf({ event, rule, keywatch }: AlertDocument, key: string, name: string, options: OwnerSinkOptions) {
  const { url, secret, expiresMs, now } = options;
  const expires = now() + expiresMs;
  const link = (action: LinkAction) => {
    const id = linkId(secret, action, event.id);
    return `${url}/v1/owner?link=${signLink(secret, { action, key, incident: keywatch.incident?.id ?? '', expires, id })}`;
  };
  const shown = plain(name === '' ? key : name, 100);
  const suspended = event.kind !== 'alert';
  const leaked = rule?.name === LEAK_RULE;
  const what = suspended ? 'was suspended' : leaked ? 'was found in public' : 'is used in an unusual way';
  const text = [
    `Your API key ${shown} ${what}.`,
    '',
    plain(event.reason, 1_000),
    '',
    'This was me, or somebody I know of:',
    link('this-was-me'),
    '',
    ...(suspended ? [] : ['This was not me, suspend the key now:', link('suspend-now'), '']),
    `The links are good once, until ${new Date(expires).toISOString()}. Each opens a page that says what will happen;`,
    'nothing happens before you confirm. They need no password: do not pass this mail on.',
    '',
  ].join('\n');
  return { subject: `API key ${shown} ${what}`, text };
}
