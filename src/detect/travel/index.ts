import type { Observation } from '../../domain/observation';
import { at, part } from '../../stats/columns';
import { chancePerDay, surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { findFact, markFact } from '../familiarity';
import { count, countryName, inSpan } from '../words';
import { leastDistance } from './countries';

const DAY = 86_400;
const HOUR = 3_600;
/** Faster than any airliner, kilometres an hour. */
const SPEED = 1_000;
/** What country data may be off by near a border, kilometres. */
const MARGIN = 500;
/** A country is a home of the key once so many days lie between its first day there and its last. */
const SETTLED = 2;
/** A key younger than this has no homes to speak of, days. */
const LEAST_AGE = 3;
/** Before anything was seen: one key in a hundred leaps for the first time on a day. */
const PRIOR_FIRSTS = 1;
const PRIOR_KEY_DAYS = 100;
/** The one value of the level `leap`. */
const LEAPS = 1;

/**
 * Impossible travel: two requests of a key from countries further apart than can be flown between in the time, of which
 * the later is no home of the key. Judged by how often that happens to this key (days on which it leapt); for a key that
 * never did, by how often the fleet's keys do for the first time. So an owner with regions at both ends stays silent, and
 * one who hops between exits of a VPN soon is. The distance is a lower bound between countries; the place is that of the
 * address, which for a VPN, a proxy or a cloud is not where a person sits, and no log tells these apart. Blind within a
 * country, among neighbours, and to a thief who waits for as long as the journey would take.
 */
export const travel: Detector = {
  name: 'travel',
  facet: 'geography',
  columns: [
    /** When and in which country (two letters in 16 bits) the key was last seen. */
    { name: 'travel.last', type: 'u32', width: 1, version: 2, scope: 'key' },
    { name: 'travel.where', type: 'u16', width: 1, version: 1, scope: 'key' },
    /** Keys that leapt for the first time. */
    { name: 'travel.fleet', type: 'f64', width: 1, version: 1, scope: 'partition' },
  ],
  bind: bindTravel,
};

function bindTravel(tables: Tables): BoundDetector {
  const { facts } = tables;
  const last = tables.column('travel.last');
  const where = tables.column('travel.where');
  const fleet = tables.column('travel.fleet');
  const baseline = bindBaseline(tables);

  /** Kilometres of an impossible trip to this request's country, 0 for none. */
  function leap(row: number, o: Observation): number {
    const before = part(where, row)[at(where, row)];
    if (before === 0 || o.country === 0 || before === lettersOf(o.event.country)) return 0;
    if (baseline.age(row, o.seconds) < LEAST_AGE || isHome(o)) return 0;
    const distance = leastDistance(codeOf(before), o.event.country) ?? 0;
    const hours = Math.abs(o.seconds - part(last, row)[at(last, row)]) / HOUR;
    return distance - MARGIN > SPEED * hours ? distance : 0;
  }

  function isHome(o: Observation): boolean {
    const slot = findFact(facts, o, levels.country, o.country);
    return slot >= 0 && Math.floor(facts.last(slot) / DAY) - facts.firstDay(slot) >= SETTLED;
  }

  /** Days before this one on which the key leapt. */
  function leapDays(o: Observation): number {
    const slot = findFact(facts, o, levels.leap, LEAPS);
    return slot < 0 ? 0 : facts.count(slot) - (leptToday(o) ? 1 : 0);
  }

  function leptToday(o: Observation): boolean {
    const slot = findFact(facts, o, levels.leap, LEAPS);
    return slot >= 0 && Math.floor(facts.last(slot) / DAY) >= o.day;
  }

  return {
    score(row, o) {
      const distance = leap(row, o);
      if (distance === 0) return undefined;
      const days = leapDays(o);
      const age = baseline.age(row, o.seconds);
      const first = (fleet.data[0] + PRIOR_FIRSTS) / (baseline.keyDays() + PRIOR_KEY_DAYS);
      const odd = surprise(chancePerDay(days > 0 ? (days + 1) / (age + 1) : first));
      if (odd < MIN_SURPRISE) return undefined;
      const minutes = Math.max(1, Math.ceil(Math.abs(o.seconds - part(last, row)[at(last, row)]) / 60));
      return {
        detector: 'travel',
        facet: 'geography',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `a request from ${countryName(o.event.country)} ${span(minutes)} after one from ${countryName(codeOf(part(where, row)[at(where, row)]))}, at least ${count(distance)} km away, a journey of ${span((distance / SPEED) * 60)} and more`,
        expected: `impossible journeys on ${count(days)} days ${inSpan(age)}; ${days > 0 ? 'seen on this key before' : `the first on one key in ${count(1 / first)} a day`}`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    count(row, o) {
      if (o.country === 0) return;
      const letters = lettersOf(o.event.country);
      if (part(where, row)[at(where, row)] !== letters && leap(row, o) > 0 && !leptToday(o)) {
        if (leapDays(o) === 0) fleet.data[0]++;
        markFact(facts, o, levels.leap, LEAPS);
      }
      if (o.seconds < part(last, row)[at(last, row)]) return;
      part(last, row)[at(last, row)] = o.seconds;
      part(where, row)[at(where, row)] = letters;
    },
    learn() {},
  };
}

function span(minutes: number): string {
  if (minutes >= 120) return `${count(minutes / 60)} hours`;
  return minutes === 1 ? 'a minute' : `${count(minutes)} minutes`;
}

function lettersOf(country: string): number {
  return country.charCodeAt(0) * 256 + country.charCodeAt(1);
}

function codeOf(letters: number): string {
  return String.fromCharCode(letters >>> 8, letters & 255);
}
