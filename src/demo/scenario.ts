import type { TheftKind } from '../simulate/kinds';
import type { SimulateOptions } from '../simulate/simulate';

/** What the demo plays: thefts that are easy to see, and some that are not. */
const thefts: readonly TheftKind[] = [
  'theft-abroad',
  'theft-scraping',
  'theft-low-and-slow',
  'theft-replay',
  'theft-same-country',
  'theft-exfiltration',
  'theft-same-cloud',
  'theft-insider',
];

/** Share of the simulated time in which baselines form and nothing is stolen; alerts in it are shown and not judged. */
export const QUIET_SHARE = 0.66;

/** Ten days of sixty keys, about 250,000 requests, eight thefts in the last third, a deployment and an outage. */
export function scenario(seed: number): SimulateOptions {
  return { seed, keys: 60, days: 10, thefts, ratePerKeyDay: 380, quietShare: QUIET_SHARE };
}

/** What one kind of theft is, for people. */
export const theftWords: Readonly<Record<TheftKind, string>> = {
  'theft-abroad': 'used from abroad',
  'theft-same-country': 'used from the same country',
  'theft-same-cloud': 'used from the same cloud',
  'theft-insider': 'used inside the owner’s network',
  'theft-low-and-slow': 'used low and slow',
  'theft-scraping': 'used for scraping',
  'theft-exfiltration': 'used to carry data off',
  'theft-replay': 'replayed with the owner’s client',
  'theft-daily': 'used once a day',
  'theft-many-keys': 'one thief, several keys',
  'theft-enumeration': 'used to guess ids',
  'theft-look-alike': 'used nearby with the owner’s client',
  'theft-cryptomining': 'used to start machines',
  'theft-on-host': 'used on the owner’s machine',
  'theft-same-carrier': 'used by a phone of the same carrier',
  'theft-same-runners': 'used by a build runner of the same cloud',
};

/** Of the wall time, the first part goes to the quiet days: they are watched faster. */
const QUIET_WALL = 0.4;

/**
 * How long to wait, milliseconds, so that the whole simulation takes about `wallMs` to watch: `share` of the simulated
 * time has passed after `elapsedMs`. 0 when the machine is no faster than that.
 */
export function waitFor(share: number, elapsedMs: number, wallMs: number): number {
  const due =
    share <= QUIET_SHARE
      ? (share / QUIET_SHARE) * QUIET_WALL
      : QUIET_WALL + ((Math.min(1, share) - QUIET_SHARE) / (1 - QUIET_SHARE)) * (1 - QUIET_WALL);
  return Math.max(0, due * wallMs - elapsedMs);
}
