import { BlockList, isIP } from 'node:net';

/**
 * Addresses that a webhook must not reach: IANA's special-purpose registries for IPv4 and IPv6, and the addresses at
 * which clouds serve instance metadata to their machines. IPv6 is judged the other way round: only global unicast
 * (2000::/3) is open, less what follows.
 */
const CLOSED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Of 2000::/3: protocol assignments with Teredo, documentation, 6to4, documentation. */
const CLOSED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const closed = new BlockList();
for (const [net, bits] of CLOSED_V4) closed.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of CLOSED_V6) closed.addSubnet(net, bits, 'ipv6');

const open6 = new BlockList();
open6.addSubnet('2000::', 3, 'ipv6');

/** The eight 16-bit groups of a valid IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const word = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${word(a, b)}:${word(c, d)}`;
  });
  const [head = '', tail] = hex.split('::');
  const part = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const left = part(head);
  const right = part(tail ?? '');
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** IPv4-mapped (::ffff:0:0/96) and NAT64 (64:ff9b::/96) addresses lead to the IPv4 address in their last 32 bits. */
function embedded4(address: string): string | undefined {
  const groups = groupsOf(address);
  const prefix = groups.slice(0, 6).join(':');
  if (prefix !== '0:0:0:0:0:65535' && prefix !== `${0x64}:${0xff9b}:0:0:0:0`) return undefined;
  const [high, low] = [groups[6]!, groups[7]!];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** A list of CIDRs and addresses as a block list. Throws on what is neither, naming it. */
function listOf(cidrs: readonly string[], setting: string): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [net = '', bits] = cidr.split('/');
    const version = isIP(net);
    const width = version === 4 ? 32 : 128;
    const length = bits === undefined ? width : Number(bits);
    if (version === 0 || !Number.isInteger(length) || length > width) {
      throw new Error(`${setting}: ${cidr} is not an address or a CIDR`);
    }
    list.addSubnet(net, length, version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/**
 * Makes the judgement whether a webhook may connect to an address in text form. Addresses in `allowPrivate` are open
 * whatever they are; what is no address is closed.
 */
export function addressRules(
  allowPrivate: readonly string[],
  setting = 'enforce.webhook.allowPrivate',
): (address: string) => boolean {
  const allowed = listOf(allowPrivate, setting);
  return (text) => {
    const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
    const version = isIP(bare);
    if (version === 0) return false;
    const address = version === 6 ? (embedded4(bare) ?? bare) : bare;
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (allowed.check(address, family)) return true;
    if (closed.check(address, family)) return false;
    return family === 'ipv4' || open6.check(address, 'ipv6');
  };
}
