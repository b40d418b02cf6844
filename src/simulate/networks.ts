import { mix } from '../stats/hash';

/** What stands behind an address: rented machines, a line at home or in an office, phones behind a carrier, an exit. */
export type NetworkKind = 'cloud' | 'hosting' | 'home' | 'mobile' | 'vpn';

/** A block of public IPv4 addresses that lies in one country; `owner` groups blocks of one operator. */
export interface Block {
  readonly cidr: string;
  readonly country: string;
  readonly kind: NetworkKind;
  readonly owner: string;
}

const rows = (kind: NetworkKind, owner: string, country: string, ...cidrs: string[]): Block[] =>
  cidrs.map((cidr) => ({ cidr, country, kind, owner }));

/**
 * Public allocations (regional registries) whose every address geoip-lite 1.4.10 places in the country given; a test
 * asks it.
 */
export const blocks: readonly Block[] = [
  ...rows('cloud', 'cloud-1', 'DE', '3.120.0.0/16', '3.121.0.0/16', '18.184.0.0/16', '3.123.0.0/16'),
  ...rows('cloud', 'cloud-1', 'US', '3.80.0.0/16', '3.84.0.0/16', '3.208.0.0/16', '44.192.0.0/16', '54.160.0.0/16'),
  ...rows('cloud', 'cloud-1', 'IE', '34.240.0.0/16', '34.241.0.0/16', '52.16.0.0/16', '52.17.0.0/16'),
  ...rows('cloud', 'cloud-1', 'GB', '35.176.0.0/16', '35.177.0.0/16'),
  ...rows('cloud', 'cloud-1', 'FR', '13.36.0.0/16', '13.37.0.0/16'),
  ...rows('cloud', 'cloud-1', 'BR', '18.228.0.0/16', '18.229.0.0/16'),
  ...rows('cloud', 'cloud-1', 'SG', '13.228.0.0/16', '13.229.0.0/16'),
  ...rows('cloud', 'cloud-1', 'IN', '13.234.0.0/16', '13.235.0.0/16'),
  ...rows('cloud', 'cloud-1', 'JP', '13.114.0.0/16', '13.113.0.0/16'),
  ...rows('cloud', 'cloud-2', 'NL', '34.90.0.0/16', '34.91.0.0/16'),
  ...rows('cloud', 'cloud-2', 'DE', '34.159.0.0/16', '34.141.0.0/17'),
  ...rows('cloud', 'cloud-2', 'US', '104.196.0.0/16', '104.197.0.0/16', '35.184.0.0/16', '35.188.0.0/16'),
  ...rows('cloud', 'cloud-3', 'NL', '20.31.0.0/16', '20.71.0.0/17', '20.71.128.0/17'),
  ...rows('cloud', 'cloud-3', 'US', '20.120.0.0/16', '20.121.0.0/16', '20.122.0.0/16'),
  ...rows('hosting', 'hosting-1', 'DE', '88.99.128.0/17', '5.9.0.0/16', '116.202.0.0/16', '138.201.0.0/16'),
  ...rows('hosting', 'hosting-1', 'FI', '95.216.0.0/16', '135.181.0.0/16'),
  ...rows('hosting', 'hosting-2', 'NL', '188.166.0.0/18', '178.62.128.0/17'),
  ...rows('hosting', 'hosting-2', 'US', '45.55.0.0/17', '104.131.0.0/17'),
  ...rows('hosting', 'hosting-2', 'SG', '128.199.64.0/18'),
  ...rows('hosting', 'hosting-2', 'GB', '178.62.0.0/17'),
  ...rows('home', 'home-de-1', 'DE', '79.192.0.0/16', '84.128.0.0/16', '87.128.0.0/16'),
  ...rows('home', 'home-de-2', 'DE', '178.0.0.0/16', '88.64.0.0/16'),
  ...rows('home', 'home-fr-1', 'FR', '90.0.0.0/16', '86.192.0.0/16'),
  ...rows('home', 'home-us-1', 'US', '73.0.0.0/16', '71.193.0.0/16', '68.32.0.0/16'),
  ...rows('home', 'home-us-2', 'US', '71.160.0.0/16', '108.0.0.0/16'),
  ...rows('home', 'home-gb-1', 'GB', '86.128.0.0/16', '81.129.0.0/16'),
  ...rows('home', 'home-gb-2', 'GB', '90.192.0.0/16', '90.193.0.0/16'),
  ...rows('home', 'home-pl-1', 'PL', '83.0.0.0/16', '79.185.0.0/16'),
  ...rows('home', 'home-es-1', 'ES', '88.0.0.0/16', '80.24.0.0/16'),
  ...rows('home', 'home-it-1', 'IT', '79.0.0.0/16', '87.0.0.0/16'),
  ...rows('home', 'home-nl-1', 'NL', '77.161.0.0/16', '84.81.0.0/16'),
  ...rows('home', 'home-at-1', 'AT', '80.108.0.0/16', '84.112.0.0/16'),
  ...rows('home', 'home-ch-1', 'CH', '85.0.0.0/16', '178.192.0.0/16'),
  ...rows('home', 'home-ca-1', 'CA', '99.224.0.0/16', '70.24.0.0/16'),
  ...rows('home', 'home-br-1', 'BR', '177.0.0.0/16', '189.0.0.0/16'),
  ...rows('home', 'home-ru-1', 'RU', '95.24.0.0/16', '37.204.0.0/16'),
  ...rows('home', 'home-vn-1', 'VN', '113.160.0.0/16', '14.160.0.0/16'),
  ...rows('home', 'home-ng-1', 'NG', '197.210.0.0/16', '41.58.0.0/16'),
  ...rows('home', 'home-in-1', 'IN', '117.192.0.0/16', '117.193.0.0/16'),
  ...rows('home', 'home-id-1', 'ID', '36.64.0.0/16', '180.241.0.0/16'),
  ...rows('mobile', 'mobile-de-1', 'DE', '37.80.0.0/16', '2.160.0.0/16'),
  ...rows('mobile', 'mobile-de-2', 'DE', '109.41.0.0/16', '77.24.0.0/16'),
  ...rows('mobile', 'mobile-de-3', 'DE', '46.114.0.0/16', '176.0.0.0/16'),
  ...rows('mobile', 'mobile-us-1', 'US', '172.56.0.0/16', '172.58.0.0/16'),
  ...rows('mobile', 'mobile-us-2', 'US', '174.192.0.0/16', '174.193.0.0/16'),
  ...rows('mobile', 'mobile-us-3', 'US', '107.64.0.0/16', '107.65.0.0/16'),
  ...rows('mobile', 'mobile-gb-1', 'GB', '31.64.0.0/16', '2.24.0.0/16'),
  ...rows('mobile', 'mobile-gb-2', 'GB', '94.196.0.0/16', '188.28.0.0/16'),
  ...rows('mobile', 'mobile-fr-1', 'FR', '92.184.0.0/16', '80.12.0.0/18'),
  ...rows('mobile', 'mobile-fr-2', 'FR', '37.164.0.0/16', '77.136.0.0/16'),
  ...rows('mobile', 'mobile-pl-1', 'PL', '188.146.0.0/16', '31.0.0.0/16'),
  ...rows('mobile', 'mobile-pl-2', 'PL', '37.248.0.0/16', '37.249.0.0/16'),
  ...rows('vpn', 'vpn-1', 'SE', '45.83.220.0/24', '193.138.218.0/24'),
  ...rows('vpn', 'vpn-1', 'CH', '185.159.157.0/24', '193.32.127.0/24'),
  ...rows('vpn', 'vpn-2', 'NL', '185.65.134.0/24', '193.32.249.0/24'),
  ...rows('vpn', 'vpn-2', 'RO', '146.70.240.0/20'),
];

/** Standard time of a country's larger part against UTC, hours. */
export const utcOffset: Readonly<Record<string, number>> = {
  AT: 1,
  BR: -3,
  CA: -5,
  CH: 1,
  DE: 1,
  ES: 1,
  FI: 2,
  FR: 1,
  GB: 0,
  ID: 7,
  IE: 0,
  IN: 5.5,
  IT: 1,
  JP: 9,
  NG: 1,
  NL: 1,
  PL: 1,
  RO: 2,
  RU: 3,
  SE: 1,
  SG: 8,
  US: -5,
  VN: 7,
};

export function blocksOf(want: {
  readonly kind?: NetworkKind | readonly NetworkKind[];
  readonly country?: string;
  readonly owner?: string;
}): readonly Block[] {
  const kinds = want.kind === undefined ? undefined : [want.kind].flat();
  return blocks.filter(
    (b) =>
      (kinds === undefined || kinds.includes(b.kind)) &&
      (want.country === undefined || b.country === want.country) &&
      (want.owner === undefined || b.owner === want.owner),
  );
}

/** A range of addresses as numbers. */
export interface Range {
  readonly base: number;
  readonly size: number;
}

export function rangeOf(cidr: string): Range {
  const [address = '', length = '32'] = cidr.split('/');
  const base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { base, size: 2 ** (32 - Number(length)) };
}

/** The `index`th /24 of a block (counted round its end), or the whole block when it is no larger. */
export function subnet(block: Block, index: number): Range {
  const whole = rangeOf(block.cidr);
  const count = Math.max(1, whole.size / 256);
  return { base: whole.base + (index % count) * 256, size: Math.min(256, whole.size) };
}

/** Address of the `host`th machine of a range: scattered over it, always the same for the same number. */
export function addressOf(range: Range, host: number): string {
  const n = range.base + 1 + (mix(host ^ range.base) % (range.size - 2));
  return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
}
