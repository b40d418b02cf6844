import { BlockList, isIPv6 } from 'node:net';

/** Hops of a forwarding header that are looked at, counted from the right. */
const MAX_HOPS = 64;
const MAX_HEADER = 8_192;

/** Dotted decimal without leading zeros, as an address. Written out because it runs for every event. */
function isIPv4(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false;
  let dots = 0;
  let octet = -1;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      if (octet < 0) return false;
      dots += 1;
      octet = -1;
    } else {
      const d = c - 48;
      if (d < 0 || d > 9 || octet === 0) return false;
      octet = octet < 0 ? d : octet * 10 + d;
      if (octet > 255) return false;
    }
  }
  return dots === 3 && octet >= 0;
}

/** The eight groups of a valid IPv6 text. */
function groupsOf(text: string): number[] {
  const dotted = text.includes('.') ? text.slice(text.lastIndexOf(':') + 1) : '';
  let hex = text;
  if (dotted !== '') {
    const [a, b, c, d] = dotted.split('.').map(Number);
    hex = `${text.slice(0, text.length - dotted.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const [head, tail] = hex.split('::');
  const parse = (part: string | undefined) => (part ? part.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const left = parse(head);
  const right = parse(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** RFC 5952 text: lower case, no leading zeros, the first longest run of at least two zero groups as `::`. */
function compress(groups: readonly number[]): string {
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i += 1) {
    let end = i;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    if (end > i) i = end;
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/**
 * Canonical text of an address: IPv4 dotted, IPv6 per RFC 5952 without zone, IPv4-mapped IPv6 as IPv4.
 * Undefined for anything else.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (text.length > 64 || !text.includes(':')) return undefined;
  const percent = text.indexOf('%');
  const bare = percent < 0 ? text : text.slice(0, percent);
  if (!isIPv6(bare)) return undefined;
  const groups = groupsOf(bare);
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0))
    return `${groups[6] >> 8}.${groups[6] & 255}.${groups[7] >> 8}.${groups[7] & 255}`;
  return compress(groups);
}

/** The address in `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`; undefined otherwise. */
export function addressOfHop(hop: string): string | undefined {
  const text = hop.trim();
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    const rest = text.slice(close + 1);
    return close > 0 && (rest === '' || /^:\d{1,5}$/.test(rest)) ? canonicalAddress(text.slice(1, close)) : undefined;
  }
  const colon = text.indexOf(':');
  if (colon > 0 && colon === text.lastIndexOf(':'))
    return /^\d{1,5}$/.test(text.slice(colon + 1)) ? canonicalAddress(text.slice(0, colon)) : undefined;
  return canonicalAddress(text);
}

/** The `for=` node of one element of an RFC 7239 `Forwarded` header, without its quotes; '' when it has none. */
function forwardedNode(element: string): string {
  for (const pair of element.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim().toLowerCase() !== 'for') continue;
    const value = pair.slice(equals + 1).trim();
    return value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return '';
}

export interface Hops {
  /** The connection's own address, with or without a port. */
  readonly peer: string;
  /** `X-Forwarded-For`, as logged; '' when absent. */
  readonly forwardedFor: string;
  /** RFC 7239 `Forwarded`, as logged; used where there is no `X-Forwarded-For`. */
  readonly forwarded: string;
}

/** Answers the client's canonical address, '' when the peer is none (a UNIX socket, `-`, `unknown`). Never throws. */
export type ClientAddress = (hops: Hops) => string;

/**
 * Finds the client behind proxies: from the right through the hops, skipping trusted ones; the first that is not trusted
 * is the client, and if all are trusted the leftmost is. What an untrusted peer claims is not looked at. A hop that is no
 * address (`unknown`, an obfuscated node) ends the walk at the trusted hop that reported it.
 *
 * Throws when an entry of `trustedProxies` is neither an address nor a CIDR.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const slash = entry.indexOf('/');
    const address = canonicalAddress(slash < 0 ? entry : entry.slice(0, slash));
    if (address === undefined) throw new Error(`trusted proxy ${entry}: expected an address or a CIDR`);
    const family = address.includes(':') ? 'ipv6' : 'ipv4';
    const bits = slash < 0 ? (family === 'ipv6' ? 128 : 32) : Number(entry.slice(slash + 1));
    if (!(bits >= 0 && bits <= (family === 'ipv6' ? 128 : 32)))
      throw new Error(`trusted proxy ${entry}: the prefix length does not fit the address`);
    trusted.addSubnet(address, bits, family);
  }
  const isTrusted = (address: string) => trusted.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

  return ({ peer, forwardedFor, forwarded }) => {
    let client = addressOfHop(peer);
    if (client === undefined) return '';
    if (trustedProxies.length === 0 || !isTrusted(client)) return client;
    const header = forwardedFor !== '' ? forwardedFor : forwarded;
    const hops = header.slice(-MAX_HEADER).split(',');
    for (let i = hops.length - 1; i >= 0 && i >= hops.length - MAX_HOPS; i -= 1) {
      const address = addressOfHop(forwardedFor !== '' ? hops[i] : forwardedNode(hops[i]));
      if (address === undefined) break;
      client = address;
      if (!isTrusted(client)) break;
    }
    return client;
  };
}
