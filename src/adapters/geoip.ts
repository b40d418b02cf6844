import type { Geography } from '../ports';

const MEMO = 65_536;

/**
 * Countries from geoip-lite's bundled data, which loads in about half a second and stays in memory (some 145 MB). Towns
 * are not used: packages disagree on them. Answers are memoised, because clients come back and a look-up takes 2–3 µs.
 */
export function createGeoip(): Geography {
  const { lookup } = require('geoip-lite') as typeof import('geoip-lite');
  const known = new Map<string, string>();
  return {
    country(ip) {
      let code = known.get(ip);
      if (code === undefined) {
        if (known.size >= MEMO) known.clear();
        code = lookup(ip)?.country ?? '';
        known.set(ip, code);
      }
      return code;
    },
  };
}

/** For runs without geography: every address is unplaced, and no evidence about countries arises. */
export const noGeography: Geography = { country: () => '' };
