import type { Family } from './agents';
import type { ApiName } from './api';
import { type Block, blocksOf, type NetworkKind, type Range, rangeOf, subnet } from './networks';
import type { Random } from './random';
import type { RhythmName } from './rhythm';

/** One place from which a key is used: a range of addresses with so many machines, and what share of visits they make. */
export interface Site {
  readonly range: Range;
  readonly hosts: number;
  readonly block: Block;
  readonly weight: number;
  readonly families: readonly Family[];
}

/** A kind of API customer. Adding one is adding a row to `shapes`. */
export interface Shape {
  readonly name: string;
  /** Share of the fleet, relative. */
  readonly share: number;
  /** Requests a day, relative to the fleet's mean. */
  readonly rate: number;
  readonly rhythm: RhythmName;
  /** How much one hour differs from the same hour of another day (sigma of a log-normal factor). */
  readonly noise: number;
  /** Requests of one visit (mean) and the gap between them, milliseconds. */
  readonly visit: number;
  readonly gap: number;
  /** Share of requests that fail on an ordinary day. */
  readonly errors: number;
  /** Releases that a client may lag behind the newest. */
  readonly lag: number;
  readonly apis: readonly ApiName[];
  readonly sites: (rng: Random) => readonly Site[];
}

const homes = ['DE', 'US', 'GB', 'FR', 'DE', 'US', 'NL', 'PL', 'ES', 'IT'] as const;
const carriers: Readonly<Record<string, readonly string[]>> = {
  DE: ['mobile-de-1', 'mobile-de-2', 'mobile-de-3'],
  US: ['mobile-us-1', 'mobile-us-2', 'mobile-us-3'],
  GB: ['mobile-gb-1', 'mobile-gb-2'],
  FR: ['mobile-fr-1', 'mobile-fr-2'],
  PL: ['mobile-pl-1', 'mobile-pl-2'],
};

const serverFamilies: readonly Family[] = ['java', 'go', 'axios', 'undici', 'python-requests', 'ruby', 'okhttp'];

/** A small part of a random block of the kinds wanted. */
function part(rng: Random, kind: NetworkKind | readonly NetworkKind[], country?: string) {
  const block = rng.pick(blocksOf(country === undefined ? { kind } : { kind, country }));
  return { block, range: subnet(block, rng.int(65_536)) };
}

export const shapes = [
  {
    name: 'server',
    share: 30,
    rate: 1.2,
    rhythm: 'steady',
    noise: 0.08,
    visit: 1.5,
    gap: 400,
    errors: 0.006,
    lag: 0,
    apis: ['payments', 'people', 'shop', 'compute'],
    sites: (rng) => [{ ...part(rng, ['cloud', 'hosting']), hosts: 2, weight: 1, families: [rng.pick(serverFamilies)] }],
  },
  {
    name: 'web',
    share: 22,
    rate: 1.6,
    rhythm: 'shop',
    noise: 0.2,
    visit: 4,
    gap: 1_500,
    errors: 0.015,
    lag: 0,
    apis: ['shop', 'people'],
    sites: (rng) => {
      const first = part(rng, 'cloud');
      const second = { block: first.block, range: subnet(first.block, rng.int(65_536)) };
      const families = [rng.pick(serverFamilies)];
      return [
        { ...first, hosts: 4, weight: 3, families },
        { ...second, hosts: 3, weight: 2, families },
      ];
    },
  },
  {
    name: 'mobile',
    share: 12,
    rate: 1.8,
    rhythm: 'phone',
    noise: 0.25,
    visit: 5,
    gap: 4_000,
    errors: 0.02,
    lag: 3,
    apis: ['people', 'shop'],
    sites: (rng) => {
      const home = rng.pick(Object.keys(carriers));
      const families: readonly Family[] = ['app-android', 'app-ios'];
      const phones = (block: Block, hosts: number, weight: number): Site => ({
        block,
        range: rangeOf(block.cidr),
        hosts,
        weight,
        families,
      });
      return [
        ...carriers[home]!.map((owner, i) => phones(rng.pick(blocksOf({ owner })), 400, 3 - i)),
        // At home, and abroad: a visit in five over a line, one in a thousand in another country.
        phones(rng.pick(blocksOf({ kind: 'home', country: home })), 300, 1.5),
        ...blocksOf({ kind: 'home' })
          .filter((block) => block.country !== home && rng.chance(0.15))
          .map((block) => phones(block, 40, 0.0015)),
      ];
    },
  },
  {
    name: 'batch',
    share: 10,
    rate: 0.7,
    rhythm: 'night',
    noise: 0.1,
    visit: 12,
    gap: 700,
    errors: 0.004,
    lag: 0,
    apis: ['reports', 'shop'],
    sites: (rng) => [
      {
        ...part(rng, ['hosting', 'cloud']),
        hosts: 1,
        weight: 1,
        families: [rng.pick(['python-requests', 'wget', 'java'])],
      },
    ],
  },
  {
    name: 'ci',
    share: 8,
    rate: 0.5,
    rhythm: 'build',
    noise: 0.5,
    visit: 8,
    gap: 900,
    errors: 0.03,
    lag: 1,
    apis: ['people', 'payments', 'reports', 'compute'],
    sites: (rng) =>
      [
        rng.pick(blocksOf({ owner: 'cloud-3', country: 'US' })),
        rng.pick(blocksOf({ owner: 'cloud-3', country: 'NL' })),
      ].map((block, i) => ({
        block,
        range: rangeOf(block.cidr),
        hosts: 20_000,
        weight: 4 - 3 * i,
        families: ['curl', 'python-requests', 'go'],
      })),
  },
  {
    name: 'partner',
    share: 10,
    rate: 0.9,
    rhythm: 'office',
    noise: 0.25,
    visit: 3,
    gap: 5_000,
    errors: 0.015,
    lag: 0,
    apis: ['reports', 'people'],
    sites: (rng) => {
      const families = [rng.pick(serverFamilies)];
      const first = rng.int(homes.length);
      const countries = [...new Set(homes.slice(first).concat(homes))].slice(0, 3);
      return countries.map((country, i) => ({ ...part(rng, 'home', country), hosts: 3, weight: 6 - 2 * i, families }));
    },
  },
  {
    name: 'human',
    share: 8,
    rate: 0.25,
    rhythm: 'office',
    noise: 0.5,
    visit: 6,
    gap: 15_000,
    errors: 0.04,
    lag: 0,
    apis: ['reports', 'people'],
    sites: (rng) => {
      const country = rng.pick(Object.keys(carriers));
      const families = [rng.pick(['curl', 'python-httpx', 'python-requests'] as const)];
      return [
        { ...part(rng, 'home', country), hosts: 1, weight: 7, families },
        { ...part(rng, 'mobile', country), hosts: 60, weight: 1.5, families },
        { ...part(rng, 'vpn'), hosts: 20, weight: 1.5, families },
      ];
    },
  },
] as const satisfies readonly Shape[];

export type ShapeName = (typeof shapes)[number]['name'];
