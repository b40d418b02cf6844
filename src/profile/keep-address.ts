import { createHmac } from 'node:crypto';
import type { AddressMode } from '../domain/address';
import { cutAddress } from './network';

export interface KeepAddressOptions {
  readonly mode: AddressMode;
  /** For `hash` and `drop`. */
  readonly pepper?: Buffer | undefined;
  /** 1–255; shown with the hash, so that hashes of two peppers never meet by accident. */
  readonly version: number;
}

const MEMO = 32_768;
/** Characters of base64url: 48 bits of each step. */
const STEP = 8;

/**
 * What is kept of an address instead of it, a pure function of address and pepper: `truncate` cuts to /24 and /48, `hash` and
 * `drop` put keyed hashes of its wide network, near network and of itself in its place, so that addresses of one network
 * still show that they are. HMAC-SHA-256, its first 48 bits a step; without the pepper nobody can try all addresses.
 * Throws for `hash` and `drop` on an empty pepper.
 */
export function createAddressKeeper({ mode, pepper, version }: KeepAddressOptions): (ip: string) => string {
  if (mode === 'full') return (ip) => ip;
  const known = new Map<string, string>();
  const replace = mode === 'truncate' ? truncated : standIn(mode === 'hash' ? 'h' : 'x', pepper, version);
  return (ip) => {
    if (ip === '') return '';
    const hit = known.get(ip);
    if (hit !== undefined) return hit;
    if (known.size >= MEMO) known.clear();
    const kept = replace(ip);
    known.set(ip, kept);
    return kept;
  };
}

const truncated = (ip: string): string => cutAddress(ip)?.nearAddress ?? '';

function standIn(letter: 'h' | 'x', pepper: Buffer | undefined, version: number): (ip: string) => string {
  if (pepper === undefined || pepper.length === 0) throw new Error('addresses cannot be hashed without a pepper');
  // The prefix keeps these hashes apart from any other use of the same pepper.
  const step = (what: string, text: string) =>
    createHmac('sha256', pepper).update(`address\0${what}\0`).update(text).digest('base64url').slice(0, STEP);
  return (ip) => {
    const cut = cutAddress(ip);
    if (cut === undefined) return '';
    return `${letter}${version}:${step('wide', cut.wide)}.${step('near', cut.near)}.${step('exact', cut.exact)}`;
  };
}
