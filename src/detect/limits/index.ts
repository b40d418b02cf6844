import type { BlockList } from 'node:net';
import type { UsageEvent } from '../../domain/event';
import type { KeyFacts } from '../../domain/inventory';
import type { Observation } from '../../domain/observation';
import type { BoundDetector, Detector, Tables } from '../detector';
import { countryName, inBrackets } from '../words';
import { insideNetworks, type Limits, limitsOf, routeAllowed } from './declared';
import { clockText, createWeekClock, within } from './hours';

/**
 * Declared limits: networks, countries, routes, hours and the end of a key's validity, as the inventory has them. Nothing
 * is estimated, so the evidence is a broken rule. What the log does not say (no address, no country) breaks none.
 * Blind to a thief within the limits, and to keys of which nothing is declared.
 */
export const limits: Detector = { name: 'limits', facet: 'limits', columns: [], bind: bindLimits };

interface Broken {
  readonly saw: string;
  readonly expected: string;
  /** Whether it tells of who uses the key, rather than of when and for what. */
  readonly who: boolean;
}

function bindLimits({ column }: Tables): BoundDetector {
  const first = column('baseline.first');
  const known = new WeakMap<KeyFacts, Limits>();
  const clock = createWeekClock();

  function limitsFor(facts: KeyFacts): Limits {
    let made = known.get(facts);
    if (made === undefined) {
      made = limitsOf(facts);
      known.set(facts, made);
    }
    return made;
  }

  return {
    score(row, o) {
      if (o.declared === undefined) return undefined;
      const broken = brokenLimits(limitsFor(o.declared), o, clock);
      if (broken.length === 0) return undefined;
      return {
        detector: 'limits',
        facet: 'limits',
        kind: 'rule',
        surprise: 0,
        confidence: 1,
        saw: broken.map((b) => b.saw).join('; '),
        expected: broken.map((b) => b.expected).join('; '),
        since: (first.data[row] || o.seconds) * 1000,
        aboutActor: broken.some((b) => b.who),
      };
    },
    learn() {},
  };
}

function brokenLimits(limits: Limits, o: Observation, clock: ReturnType<typeof createWeekClock>): readonly Broken[] {
  const { facts, networks, countries, routes } = limits;
  const { ip, country, method, route, path } = o.event;
  const broken: Broken[] = [];
  if (networks !== undefined && outside(networks, o.event))
    broken.push({
      saw: `an address outside the declared networks${inBrackets(ip)}`,
      expected: `only ${some(facts.cidrs)}, as declared`,
      who: true,
    });
  if (countries !== undefined && country !== '' && !countries.has(country))
    broken.push({
      saw: `a country that is not declared (${countryName(country)})`,
      expected: `only ${some(facts.countries)}, as declared`,
      who: true,
    });
  if (routes !== undefined && !routeAllowed(routes, method, route, path))
    broken.push({
      saw: `a call outside the declared routes (${method} ${route})`.slice(0, 200),
      expected: `only ${some(facts.routes)}, as declared`,
      who: false,
    });
  if (facts.hours !== undefined) {
    const { zone, from, to, days } = facts.hours;
    const minute = clock(zone, o.seconds);
    if (!within(facts.hours, minute))
      broken.push({
        saw: `use outside the declared hours (${clockText(minute)} ${zone})`,
        expected: `only ${days.join(', ')} ${from}–${to} ${zone}, as declared`,
        who: false,
      });
  }
  if (facts.expires !== undefined && o.seconds * 1000 >= facts.expires)
    broken.push({
      saw: 'use of an expired key',
      expected: `none since ${new Date(facts.expires).toISOString().slice(0, 10)}, as declared`,
      who: false,
    });
  return broken;
}

function outside(networks: BlockList, { ip, address }: UsageEvent): boolean {
  return address === undefined ? ip !== '' && !insideNetworks(networks, ip) : address.outside;
}

const SHOWN = 5;

function some(entries: readonly string[]): string {
  const more = entries.length - SHOWN;
  const shown = entries.slice(0, SHOWN).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
