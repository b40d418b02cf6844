import { LEAK_RULE } from '../../decide/leak-notice';
import type { AlertDocument } from '../../domain/alert';
import type { Inventory } from '../../domain/inventory';
import type { AlertSink } from '../../ports';
import { type LinkAction, linkId, signLink } from './links';
import { plain } from './page';
import type { OwnerMessage, OwnerWay } from './way';

export interface OwnerSinkOptions {
  readonly way: OwnerWay;
  readonly inventory: () => Inventory;
  /** Without a slash at the end. */
  readonly url: string;
  readonly secret: string;
  readonly expiresMs: number;
  /** Messages an hour to one place. */
  readonly perHour: number;
  readonly now: () => number;
  /** Told of messages that are not sent; no place in it. */
  readonly onLeftOut: (alert: string, reason: string) => void;
}

const HOUR = 3_600_000;
/** Messages remembered as sent, and places whose messages are counted. */
const MOST = 10_000;

/**
 * Tells owners of their keys: when a key is alerted, and when it was suspended. Fed by the outbox as every output is; a document
 * that comes again while this process lives is not told again, after a crash it may be, with the same links. A message that
 * could not be sent now is tried again and counts once.
 */
export function createOwnerSink(options: OwnerSinkOptions): AlertSink {
  const { way, inventory, perHour, now, onLeftOut } = options;
  const sent = new Set<string>();
  const counts = new Map<string, { hour: number; told: number }>();

  function countOf(place: string): { told: number } {
    const hour = Math.floor(now() / HOUR);
    const known = counts.get(place);
    if (known?.hour === hour) return known;
    if (counts.size >= MOST) counts.clear();
    const count = { hour, told: 0 };
    counts.set(place, count);
    return count;
  }

  return {
    name: way.name,
    async write(documents) {
      for (const document of documents) {
        const { id } = document.event;
        const key = keyToTell(document);
        const row = key === undefined ? undefined : inventory().of(key);
        const place = row?.owner === undefined ? undefined : way.placeOf(row.owner);
        if (key === undefined || place === undefined || sent.has(id)) continue;
        const count = countOf(place);
        if (count.told < perHour) {
          const result = await way.send(place, messageOf(document, key, row?.name ?? '', options));
          count.told += 1;
          if (result === 'refused') onLeftOut(id, 'the receiver refuses the message');
        } else onLeftOut(id, 'too many messages to this owner in an hour');
        if (sent.size >= MOST) sent.clear();
        sent.add(id);
      }
    },
    close: () => way.close(),
  };
}

/** The key whose owner is to hear of it; nobody hears of the canary or of a test. */
function keyToTell({ event, user, related, keywatch }: AlertDocument): string | undefined {
  if (keywatch.canary === true || keywatch.test === true) return undefined;
  if (event.kind === 'alert') return user?.id;
  return event.action === 'key-suspended' ? related?.user?.[0] : undefined;
}

function messageOf(
  { event, rule, keywatch }: AlertDocument,
  key: string,
  name: string,
  { url, secret, expiresMs, now }: OwnerSinkOptions,
): OwnerMessage {
  const expires = now() + expiresMs;
  const link = (action: LinkAction) => {
    const id = linkId(secret, action, event.id);
    return `${url}/v1/owner?link=${signLink(secret, { action, key, incident: keywatch.incident?.id ?? '', expires, id })}`;
  };
  const suspended = event.kind !== 'alert';
  const leaked = rule?.name === LEAK_RULE;
  const what = suspended ? 'was suspended' : leaked ? 'was found in public' : 'is used in an unusual way';
  const thisWasMe = { purpose: 'This was me, or somebody I know of', button: 'This was me', url: link('this-was-me') };
  const suspendNow = {
    purpose: 'This was not me, suspend the key now',
    button: 'Suspend the key now',
    url: link('suspend-now'),
  };
  return {
    id: event.id,
    title: `API key ${plain(name === '' ? key : name, 100)} ${what}`,
    reason: plain(event.reason, 1_000),
    links: suspended ? [thisWasMe] : [thisWasMe, suspendNow],
    until: new Date(expires).toISOString(),
  };
}
