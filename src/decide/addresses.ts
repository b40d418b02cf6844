import { isAddress, isAddressHash } from '../domain/address';

/** `related.ip`: fields of addresses hold addresses alone, or a store that indexes them as such refuses the document. */
export function relatedAddresses(addresses: readonly string[]): { ip?: string[] } {
  const ip = addresses.filter(isAddress);
  return ip.length === 0 ? {} : { ip };
}

/** `keywatch.source_hash`: stand-ins that may be shown, the latest last. */
export function sourceHash(addresses: readonly string[]): { source_hash?: string[] } {
  const hashes = addresses.filter(isAddressHash);
  return hashes.length === 0 ? {} : { source_hash: hashes };
}
