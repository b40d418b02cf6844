import type { Column, ColumnSpec } from '../stats/columns';
import { decayFactor } from '../stats/decay';

/**
 * How much everyone is failing just now, for each route group and in all. Two memories a route, of a minute and of ten:
 * the short one sees an outage begin, the long one bears out shares on routes that are called rarely.
 */
export const ROUTE_GROUPS = 256;
const SHORT = 60;
export const LONG = 600;
/** The fleet's usual share is remembered for about a week. */
const USUAL = 600_000;

/** Numbers a group: failures and requests (short), failures and requests (long), time of the last event, seconds. */
const FIELDS = 5;
const AT = 4;
/** Requests at the usual share that are added to the short and the long memory: few requests claim little. */
const SHORT_PRIOR = 2;
const LONG_PRIOR = 10;

export function failureFleetColumn(name: string): ColumnSpec {
  return { name, type: 'f64', width: (ROUTE_GROUPS + 1) * FIELDS, version: 2, scope: 'partition' };
}

/** Share of all requests of the last week that failed; never 0. */
export function usualShare({ data }: Column): number {
  const at = ROUTE_GROUPS * FIELDS;
  return (data[at + 2] + 0.1) / (data[at + 3] + 100);
}

/**
 * Share of requests of other keys on this route that fail just now, the higher of both memories. `ownFailed` and
 * `ownTotal`: what the asking key itself has lately put into the long memory.
 */
export function presentShare(
  fleet: Column,
  route: number,
  seconds: number,
  ownFailed: number,
  ownTotal: number,
): number {
  const { data } = fleet;
  const at = (route % ROUTE_GROUPS) * FIELDS;
  const usual = usualShare(fleet);
  const elapsed = seconds - data[at + AT];
  const short = decayFactor(elapsed, SHORT);
  const long = decayFactor(elapsed, LONG);
  // The key's part of the route's memories is not known, only its part of all: an upper bound, taken off proportionately.
  const othersFailed = Math.max(0, data[at + 2] * long - ownFailed);
  const others = Math.max(othersFailed, data[at + 3] * long - ownTotal);
  const rest = data[at + 3] > 0 ? Math.min(1, others / Math.max(1e-9, data[at + 3] * long)) : 0;
  const shortFailed = data[at] * short * rest;
  const shortTotal = data[at + 1] * short * rest;
  return Math.max(
    (shortFailed + usual * SHORT_PRIOR) / (shortTotal + SHORT_PRIOR),
    (othersFailed + usual * LONG_PRIOR) / (others + LONG_PRIOR),
  );
}

export function learnFleet({ data }: Column, route: number, seconds: number, failed: number): void {
  add(data, (route % ROUTE_GROUPS) * FIELDS, seconds, failed, SHORT, LONG);
  add(data, ROUTE_GROUPS * FIELDS, seconds, failed, SHORT, USUAL);
}

function add(data: Column['data'], at: number, seconds: number, failed: number, short: number, long: number): void {
  if (seconds > data[at + AT]) {
    const elapsed = data[at + AT] === 0 ? 0 : seconds - data[at + AT];
    const fadeShort = decayFactor(elapsed, short);
    const fadeLong = decayFactor(elapsed, long);
    data[at] *= fadeShort;
    data[at + 1] *= fadeShort;
    data[at + 2] *= fadeLong;
    data[at + 3] *= fadeLong;
    data[at + AT] = seconds;
  }
  data[at] += failed;
  data[at + 1]++;
  data[at + 2] += failed;
  data[at + 3]++;
}
