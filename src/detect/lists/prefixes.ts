import { isIP } from 'node:net';

/**
 * Which of some networks an address lies in: one set of prefixes for each length that occurs, so that a look-up takes at
 * most as many steps as there are lengths, however many networks there are.
 */
export interface Prefixes {
  has(ip: string): boolean;
}

export function prefixesOf(networks: readonly string[]): Prefixes {
  const v4 = new Map<number, Set<number>>();
  const v6 = new Map<number, Set<bigint>>();
  for (const network of networks) {
    const { address, bits, version } = networkOf(network);
    if (version === 4) setOf(v4, bits).add(cut4(number4(address), bits));
    else setOf(v6, bits).add(number6(address) >> BigInt(128 - bits));
  }
  return {
    has(ip) {
      if (ip.includes(':')) {
        if (v6.size === 0) return false;
        const value = number6(ip);
        for (const [bits, set] of v6) if (set.has(value >> BigInt(128 - bits))) return true;
      } else if (ip !== '') {
        const value = number4(ip);
        for (const [bits, set] of v4) if (set.has(cut4(value, bits))) return true;
      }
      return false;
    },
  };
}

/** Throws for what is neither an address nor a CIDR. */
export function networkOf(text: string): { address: string; bits: number; version: 4 | 6 } {
  const [address, length, more] = text.split('/');
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (version === 0 || more !== undefined || bits < 0 || bits > most || address.includes('%'))
    throw new Error('neither an address nor a CIDR');
  return { address, bits, version: version as 4 | 6 };
}

function setOf<T>(map: Map<number, Set<T>>, bits: number): Set<T> {
  let set = map.get(bits);
  if (set === undefined) {
    set = new Set();
    map.set(bits, set);
  }
  return set;
}

function number4(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** The leading bits, as a number; the length is that of the set. */
function cut4(value: number, bits: number): number {
  return Math.floor(value / 2 ** (32 - bits));
}

function number6(address: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const hex = dotted === null ? address : `${dotted[1]}${hexOf(number4(dotted[2]))}`;
  const [head, tail] = hex.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  let value = 0n;
  for (const group of [...left, ...zeros, ...right]) value = (value << 16n) | BigInt(Number.parseInt(group, 16) || 0);
  return value;
}

function hexOf(value: number): string {
  return `${Math.floor(value / 65_536).toString(16)}:${(value % 65_536).toString(16)}`;
}
