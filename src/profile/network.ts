import { isIPv4, isIPv6 } from 'node:net';
import { isAddress, shownAddress } from '../domain/address';
import type { Network } from '../domain/observation';
import { hashText, mix } from '../stats/hash';

const unknown: Network = { address: 0, near: 0, wide: 0, nearName: '' };

/** `ip` in canonical text form or a stand-in for one (domain/address.ts). Never throws; anything odd is one unknown network. */
export function parseNetwork(ip: string): Network {
  if (ip === '') return unknown;
  if (!isAddress(ip)) return parseStandIn(ip);
  return ip.includes(':') ? parseV6(ip) : parseV4(ip);
}

/** Hashes of the three steps, the same way an address has them. */
function parseStandIn(text: string): Network {
  const [wide = '', near = '', exact = ''] = text.slice(text.indexOf(':') + 1).split('.');
  return {
    address: hashText(exact),
    near: hashText(near),
    wide: hashText(wide),
    nearName:
      shownAddress(text) === '' ? 'an address that is not kept' : `network ${text.split(':', 1)[0]}:${wide}.${near}`,
  };
}

/** An address cut to its steps, each as a text; `nearAddress` is the first address of the near network. */
export interface CutAddress {
  readonly wide: string;
  readonly near: string;
  /** IPv6 without its host bits. */
  readonly exact: string;
  readonly nearAddress: string;
}

/** Undefined for what is no address. */
export function cutAddress(ip: string): CutAddress | undefined {
  if (isIPv4(ip)) {
    const [a, b, c] = ip.split('.');
    return { wide: `${a}.${b}`, near: `${a}.${b}.${c}`, exact: ip, nearAddress: `${a}.${b}.${c}.0` };
  }
  if (!isIPv6(ip)) return undefined;
  const groups = expand(ip).map((group) => Number.parseInt(group, 16).toString(16));
  const [a, b, c] = groups;
  const nearAddress = c !== '0' ? `${a}:${b}:${c}::` : b !== '0' ? `${a}:${b}::` : a !== '0' ? `${a}::` : '::';
  return { wide: `${a}:${b}`, near: `${a}:${b}:${c}`, exact: groups.slice(0, 4).join(':'), nearAddress };
}

function parseV4(ip: string): Network {
  let value = 0;
  let octet = 0;
  let dots = 0;
  let third = 0;
  for (let i = 0; i < ip.length; i++) {
    const c = ip.charCodeAt(i);
    if (c === 46) {
      value = value * 256 + octet;
      octet = 0;
      third = i;
      dots++;
    } else if (c >= 48 && c <= 57) octet = octet * 10 + c - 48;
    else return unknown;
  }
  value = value * 256 + octet;
  if (dots !== 3 || value > 0xffffffff) return unknown;
  return {
    address: mix(value ^ 0x4),
    near: mix((value >>> 8) ^ 0x24000000),
    wide: mix((value >>> 16) ^ 0x16000000),
    nearName: `${ip.slice(0, third)}.0/24`,
  };
}

function parseV6(ip: string): Network {
  const groups = expand(ip);
  const near = groups.slice(0, 3).join(':');
  return {
    address: hashText(groups.slice(0, 4).join(':')),
    near: hashText(near),
    wide: hashText(groups.slice(0, 2).join(':')),
    nearName: `${near}::/48`,
  };
}

/** The eight groups of an IPv6 address. Host bits change by themselves (RFC 8981), so callers use the first four. */
function expand(ip: string): string[] {
  const [head = '', tail] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill('0'), ...right];
}
