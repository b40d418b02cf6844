/**
 * A client address as it is kept. Besides an address in canonical text form there are stand-ins for one, of which neither
 * is an address: `h<version>:WIDE.NEAR.EXACT` (keyed hashes that may be shown) and `x<version>:WIDE.NEAR.EXACT` (the same,
 * for comparison alone). '' is unknown.
 */

/** How client addresses are kept and shown. */
export const addressModes = ['full', 'truncate', 'hash', 'drop'] as const;
export type AddressMode = (typeof addressModes)[number];

/** What was found out of an address before it was replaced: limits and lists are of networks that a stand-in does not show. */
export interface AddressFacts {
  /** Outside the networks that are declared for its key. */
  readonly outside: boolean;
  /** Names of the address lists that have it. */
  readonly lists: readonly string[];
}

/** Whether the text is an address, whole or truncated, and no stand-in. */
export const isAddress = (text: string): boolean => text !== '' && text[0] !== 'h' && text[0] !== 'x';

/** A stand-in that may be shown. */
export const isAddressHash = (text: string): boolean => text[0] === 'h';

/** The address for people; '' where nothing of it may be shown. */
export const shownAddress = (text: string): string => (text[0] === 'x' ? '' : text);
