import type { BaselineSummary } from '../domain/baseline';
import { at, type Column, part } from '../stats/columns';
import { type FactTable, factHome, factTag } from '../stats/facts';
import { hashText, mix } from '../stats/hash';
import { bindBaseline } from './baseline';
import { levels, type Tables } from './detector';
import type { Novelty } from './familiarity';
import { HOURS_COLUMN, usualHours } from './hours';
import { countryCodes } from './travel/countries';
import { usualDay, VOLUME_COLUMN } from './volume';

/** Where a count stays. */
const MOST = 65_535;
const USUAL_COUNTRIES = 3;

/** What a key's past looks like to people. Decides nothing. */
export interface Past {
  /** Counts what an event that is learned has brought. */
  count(row: number, novelty: Novelty): void;
  /** Of the row whose facts are named by the two hashes, at `seconds` of event time. Looks at some 250 facts. */
  describe(row: number, owner: readonly [number, number], seconds: number, maturityDays: number): BaselineSummary;
}

/** `column` answers a column where its detector is in use. */
export function bindPast(tables: Tables, column: (name: string) => Column | undefined): Past {
  const baseline = bindBaseline(tables);
  const known = tables.column('baseline.known');

  return {
    count(row, { network, client }) {
      if (!network && !client) return;
      const counts = part(known, row);
      const first = at(known, row);
      if (network && counts[first] < MOST) counts[first]++;
      if (client && counts[first + 1] < MOST) counts[first + 1]++;
      if (counts[first + 2] < MOST) counts[first + 2]++;
    },
    describe(row, owner, seconds, maturityDays) {
      const counts = part(known, row);
      const first = at(known, row);
      const countries = countriesOf(tables.facts, owner);
      const hours = column(HOURS_COLUMN);
      const day = usualDay(column(VOLUME_COLUMN), row);
      return {
        since: new Date(baseline.since(row) * 1000).toISOString(),
        active_days: baseline.activeDays(row),
        events: baseline.events(row),
        known: {
          actors: counts[first + 2],
          networks: counts[first],
          countries: countries.length,
          clients: counts[first + 1],
        },
        usual_countries: countries.slice(0, USUAL_COUNTRIES),
        usual_hours: hours === undefined ? [] : usualHours(hours, row),
        ...(day === undefined ? {} : { requests_per_day: day }),
        confidence: Math.round(baseline.confidence(row, seconds, maturityDays) * 1000) / 1000,
      };
    },
  };
}

/** Hashes of the countries as observations have them. */
const countries = countryCodes.map((code) => ({ code, hash: mix(hashText(code)) }));

/** Countries that a key has shown, the most used first. */
function countriesOf(facts: FactTable, [low, high]: readonly [number, number]): string[] {
  const found: { code: string; seen: number }[] = [];
  for (const { code, hash } of countries) {
    const slot = facts.find(factHome(low, levels.country, hash), factTag(high, levels.country, hash));
    if (slot >= 0) found.push({ code, seen: facts.count(slot) });
  }
  return found.sort((a, b) => b.seen - a.seen || (a.code < b.code ? -1 : 1)).map(({ code }) => code);
}
