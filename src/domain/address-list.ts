/** A list of networks that somebody keeps: Tor exits, known bad hosters, scanners. */
export interface AddressList {
  readonly name: string;
  /** True: an address that is on it and new to the key is a broken rule. Else it counts by how rarely that happens. */
  readonly rule: boolean;
  /** Addresses and CIDRs in canonical form, sorted. */
  readonly networks: readonly string[];
}
