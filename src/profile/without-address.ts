import type { UsageEvent } from '../domain/event';

/** Texts that a client can write its own address into, or that a gateway puts it into. Identities (key, tenant) are left. */
type Texts = Pick<UsageEvent, 'keyName' | 'path' | 'route' | 'userAgent' | 'requestId'>;

/** The texts of an event with `[address]` wherever the client's own address stands. */
export function withoutAddress(event: Texts, ip: string): Texts {
  return {
    keyName: without(event.keyName, ip),
    path: without(event.path, ip),
    route: without(event.route, ip),
    userAgent: without(event.userAgent, ip),
    requestId: without(event.requestId, ip),
  };
}

/** What may continue a number or an address: `10.1.2.3` is no part of `110.1.2.34`. */
const goesOn = /[0-9a-fA-F]/;

function without(text: string, ip: string): string {
  let at = text.indexOf(ip);
  if (at < 0) return text;
  let made = '';
  let from = 0;
  for (; at >= 0; at = text.indexOf(ip, at + 1)) {
    if (at < from || goesOn.test(text[at - 1] ?? '') || goesOn.test(text[at + ip.length] ?? '')) continue;
    made += `${text.slice(from, at)}[address]`;
    from = at + ip.length;
  }
  return made + text.slice(from);
}
