import { join } from 'node:path';
import { openAnswers } from '../../adapters/api/answers';
import type { Desk } from '../../adapters/api/desk';
import { leaveCommand } from '../../adapters/file/commands';
import type { InboundRoute } from '../../adapters/inbound/server';
import { chatWay } from '../../adapters/owner/chat';
import { createMailer, mailWay } from '../../adapters/owner/mail';
import { ownerRoutes } from '../../adapters/owner/routes';
import { createOwnerSink } from '../../adapters/owner/sink';
import type { OwnerWay } from '../../adapters/owner/way';
import { resolveSecret } from '../../adapters/secrets';
import type { Config } from '../../config';
import { mailAddress } from '../../config/owner';
import type { Inventory } from '../../domain/inventory';
import { OperatorError } from '../../options';
import type { AlertSink } from '../../ports';
import { guardedPoster } from '../outputs/siem';
import type { House } from './house';
import type { InboundParts } from './inbound';
import { listingOf } from './incidents';

type Owner = NonNullable<Config['owner']>;

const MIN_SECRET = 32;
/** Links remembered as used: more than owners are mailed within the life of a link. */
const MOST_USED = 100_000;

function secretOf({ linkSecretFrom }: Owner): string {
  const secret = resolveSecret(linkSecretFrom);
  if (secret.length < MIN_SECRET)
    throw new OperatorError(`owner.linkSecretFrom: expected at least ${MIN_SECRET} characters`);
  return secret;
}

function mailOf({ mail, contacts }: Owner): readonly OwnerWay[] {
  if (mail === undefined) return [];
  const { user, passwordFrom } = mail;
  const auth =
    user === undefined || passwordFrom === undefined ? undefined : { user, pass: resolveSecret(passwordFrom) };
  const known = new Map(Object.entries(contacts));
  const mailer = createMailer({ ...mail, auth, timeoutMs: mail.timeout });
  return [mailWay(mailer, (name) => known.get(name) ?? (mailAddress.safeParse(name).success ? name : undefined))];
}

/** Throws, repeating nothing of it, on a URL that cannot be had or must not be reached. */
function chatOf({ chat }: Owner): readonly OwnerWay[] {
  if (chat === undefined) return [];
  const { style, urlFrom } = chat;
  const own = new Map(Object.entries(chat.owners).map(([name, at]) => [name, resolveSecret(at.urlFrom)]));
  const shared = urlFrom === undefined ? undefined : resolveSecret(urlFrom);
  const urls = new Set([...own.values(), ...(shared === undefined ? [] : [shared])]);
  const posters = new Map([...urls].map((url) => [url, guardedPoster(url, chat, 'owner.chat')]));
  return [chatWay({ style, posters, urlOf: (name) => own.get(name) ?? shared })];
}

/** The outputs that tell owners, where they are configured: one for mail, one for chat. */
export function ownerSinks({ config, clock, log }: House, inventory: () => Inventory): readonly AlertSink[] {
  const { owner } = config;
  if (owner === undefined) return [];
  return [...mailOf(owner), ...chatOf(owner)].map((way) =>
    createOwnerSink({
      way,
      inventory,
      url: owner.url.replace(/\/+$/, ''),
      secret: secretOf(owner),
      expiresMs: owner.expires,
      perHour: owner.perHour,
      now: clock.now,
      onLeftOut: (alert, reason) => log.warn({ alert, output: way.name, reason }, 'an owner was not told'),
    }),
  );
}

/** Where the links of those messages lead. */
export async function openOwnerLinks(house: House, parts: InboundParts): Promise<readonly InboundRoute[]> {
  const { config, clock, closing } = house;
  const { owner, state, enforce } = config;
  if (owner === undefined) return [];
  const used = await openAnswers(join(state.dir, 'owner-links.log'), {
    now: clock.now,
    keepMs: 2 * owner.expires,
    most: MOST_USED,
  });
  closing.push(() => used.close());
  const { enforcement, file, audit, inventory } = parts;
  const desk: Desk = {
    control: enforcement,
    incidents: listingOf(file),
    keepFeedback: (feedback) => file.feedback(feedback),
    inventory,
    command: (command) => leaveCommand(state.dir, command, clock.now()),
    audit,
    now: clock.now,
    muteMs: owner.mute,
    muteMaxMs: owner.mute,
  };
  return ownerRoutes({
    desk,
    tell: enforcement.tell,
    mode: enforce.mode,
    suspendMs: owner.suspend,
    mayRelease: owner.mayRelease,
    secret: secretOf(owner),
    once: used.once,
  });
}
