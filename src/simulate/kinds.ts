import type { Facet } from '../domain/evidence';
import type { NetworkKind } from './networks';
import type { ShapeName } from './shapes';

/**
 * What a thief does with a key. `use`: looks round, seldom used routes too. `mimic`: a tenth of what the owner does, as he
 * does it, at his busiest hour. `scrape`: takes all things that are there, one after the other. `enumerate`: guesses ids;
 * half are nobody's. `haul`: the largest answers. `mine`: makes as many new things as the quota allows. `replay`: a few
 * of the owner's own requests, again and again.
 */
export const conducts = ['use', 'mimic', 'scrape', 'enumerate', 'haul', 'mine', 'replay'] as const;
export type Conduct = (typeof conducts)[number];

/**
 * Where a thief sits, seen from the owner's main network. `abroad`: in a country that the key was never used from.
 * `country`: in the same country with another network owner. `cloud`: with the same cloud, elsewhere in it. `inside`: a
 * machine of its own in the owner's network. `own`: one of the owner's machines, or a phone or build runner like theirs.
 */
export const lairNames = ['abroad', 'country', 'cloud', 'inside', 'own'] as const;
export type LairName = (typeof lairNames)[number];

/** A kind of theft. Adding one is adding a row to `kinds`. */
export interface Kind {
  /** In a few words, for people. */
  readonly about: string;
  /** What a usage log can show of it; nothing where a stranger does what the owner does, from where he does it. */
  readonly trace: readonly Facet[];
  readonly suits: readonly ShapeName[];
  /** The API that the key must be for; any where absent. */
  readonly api?: 'compute';
  /** Requests on one key: fewest and most. For `mimic` at most so many, and no more than a tenth of the owner's. */
  readonly requests: readonly [number, number];
  readonly hours: readonly [number, number];
  readonly conduct: Conduct;
  readonly lair: LairName;
  /** Of what kinds the thief's network may be, for `abroad`. */
  readonly from?: readonly NetworkKind[];
  /** The thief's own client or the owner's. */
  readonly agent: 'own' | 'copied';
  /** One request a day to the end of the time. */
  readonly daily?: boolean;
  /** How many keys the same thief uses; never more than one in twenty of the fleet, but for three. */
  readonly keys?: number;
}

const backEnds: readonly ShapeName[] = ['server', 'web', 'batch', 'partner'];
const settled: readonly ShapeName[] = [...backEnds, 'human'];

export const kinds = {
  'theft-abroad': {
    about: 'copied, used from a line abroad',
    trace: ['actor', 'geography', 'client'],
    suits: backEnds,
    requests: [60, 240],
    hours: [1, 4],
    conduct: 'use',
    lair: 'abroad',
    from: ['home'],
    agent: 'own',
  },
  'theft-same-country': {
    about: 'used in the same country, another network owner',
    trace: ['actor', 'geography', 'client'],
    suits: settled,
    requests: [40, 160],
    hours: [1, 4],
    conduct: 'use',
    lair: 'country',
    agent: 'own',
  },
  'theft-same-cloud': {
    about: 'used from the same cloud',
    trace: ['actor', 'client'],
    suits: ['server', 'web', 'batch'],
    requests: [60, 200],
    hours: [1, 5],
    conduct: 'use',
    lair: 'cloud',
    agent: 'own',
  },
  'theft-insider': {
    about: "carried off inside the owner's network",
    trace: ['actor', 'client', 'volume', 'routes'],
    suits: settled,
    requests: [60, 200],
    hours: [1, 3],
    conduct: 'haul',
    lair: 'inside',
    agent: 'own',
  },
  'theft-low-and-slow': {
    about: 'a request or two an hour from abroad',
    trace: ['actor', 'geography', 'client'],
    suits: ['server', 'web', 'mobile', 'partner'],
    requests: [40, 80],
    hours: [24, 60],
    conduct: 'use',
    lair: 'abroad',
    from: ['hosting', 'vpn'],
    agent: 'own',
  },
  'theft-scraping': {
    about: 'everything read, thing by thing',
    trace: ['actor', 'geography', 'client', 'volume'],
    suits: ['server', 'web', 'mobile', 'ci', 'partner'],
    requests: [700, 1_600],
    hours: [1, 4],
    conduct: 'scrape',
    lair: 'abroad',
    from: ['hosting', 'cloud'],
    agent: 'own',
  },
  'theft-exfiltration': {
    about: 'few requests, much taken, with the owner’s client',
    trace: ['actor', 'geography', 'volume', 'routes'],
    suits: ['web', 'batch', 'human', 'partner'],
    requests: [20, 60],
    hours: [1, 3],
    conduct: 'haul',
    lair: 'abroad',
    from: ['hosting', 'home'],
    agent: 'copied',
  },
  'theft-replay': {
    about: 'requests replayed with the owner’s client',
    trace: ['actor', 'geography'],
    suits: ['server', 'web', 'batch'],
    requests: [60, 240],
    hours: [1, 4],
    conduct: 'replay',
    lair: 'abroad',
    from: ['hosting', 'home', 'cloud'],
    agent: 'copied',
  },
  'theft-daily': {
    about: 'one request a day',
    trace: ['actor', 'geography', 'client'],
    suits: backEnds,
    requests: [1, 1],
    hours: [24, 24],
    conduct: 'use',
    lair: 'abroad',
    from: ['home', 'vpn'],
    agent: 'own',
    daily: true,
  },
  'theft-many-keys': {
    about: 'one thief, fifty keys',
    trace: ['actor', 'geography', 'client'],
    suits: ['server', 'web', 'batch', 'partner', 'mobile'],
    requests: [25, 70],
    hours: [1, 3],
    conduct: 'use',
    lair: 'abroad',
    from: ['hosting'],
    agent: 'own',
    keys: 50,
  },
  'theft-enumeration': {
    about: 'ids guessed in the same country',
    trace: ['actor', 'geography', 'client', 'volume', 'errors'],
    suits: [...settled, 'mobile', 'ci'],
    requests: [500, 1_200],
    hours: [1, 3],
    conduct: 'enumerate',
    lair: 'country',
    agent: 'own',
  },
  'theft-look-alike': {
    about: 'another network of the country, the owner’s client',
    trace: ['actor', 'geography'],
    suits: settled,
    requests: [40, 160],
    hours: [1, 4],
    conduct: 'use',
    lair: 'country',
    agent: 'copied',
  },
  'theft-cryptomining': {
    about: 'a burst of new machines',
    trace: ['actor', 'geography', 'client', 'volume', 'errors', 'routes'],
    suits: ['server', 'ci'],
    api: 'compute',
    requests: [250, 700],
    hours: [0.2, 1],
    conduct: 'mine',
    lair: 'abroad',
    from: ['hosting', 'vpn', 'cloud'],
    agent: 'own',
  },
  'theft-on-host': {
    about: "on the owner's machine, as the owner",
    trace: [],
    suits: settled,
    requests: [5, 60],
    hours: [1, 2],
    conduct: 'mimic',
    lair: 'own',
    agent: 'copied',
  },
  'theft-same-carrier': {
    about: 'a phone of the same carrier, with the app',
    trace: [],
    suits: ['mobile'],
    requests: [5, 60],
    hours: [1, 2],
    conduct: 'mimic',
    lair: 'own',
    agent: 'copied',
  },
  'theft-same-runners': {
    about: 'a build runner like the owner’s, with his tools',
    trace: [],
    suits: ['ci'],
    requests: [5, 60],
    hours: [1, 2],
    conduct: 'mimic',
    lair: 'own',
    agent: 'copied',
  },
} as const satisfies Record<string, Kind>;

export type TheftKind = keyof typeof kinds;
export const theftKinds = Object.keys(kinds) as TheftKind[];

/** Whether a log can show anything of such a theft. */
export const leavesTrace = (kind: TheftKind): boolean => kinds[kind].trace.length > 0;
