import type { Observation } from '../../domain/observation';
import { at, part } from '../../stats/columns';
import { chancePerDay, surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { findFact, NETWORK_GRADES, networkGrades } from '../familiarity';
import { bindNewcomers, newcomerColumns, SETTLING } from '../newcomers';
import { count, countryName, inSpan, outOf, rateInWords } from '../words';

/**
 * Where the key is used from. Evidence: an address further from everything this key has shown than its past newcomers
 * were. Blind to a thief in the owner's own network, and weak on keys that meet new networks every day.
 */
export const geography: Detector = {
  name: 'geography',
  facet: 'geography',
  columns: [
    ...newcomerColumns('geography', NETWORK_GRADES),
    { name: 'geography.home', type: 'u32', width: 1, version: 1, scope: 'key' },
    { name: 'geography.homeCount', type: 'f32', width: 1, version: 2, scope: 'key' },
  ],
  bind: bindGeography,
};

function bindGeography(tables: Tables): BoundDetector {
  const rates = bindNewcomers(tables, 'geography');
  const baseline = bindBaseline(tables);
  const home = tables.column('geography.home');
  const homeCount = tables.column('geography.homeCount');

  return {
    score(row, o) {
      const grade = o.networkGrade;
      if (grade === 0 || baseline.events(row) === 0) return undefined;
      const rate = rates.rate(row, grade, o.seconds, baseline.since(row), baseline.keyDays());
      const odd = surprise(chancePerDay(rate));
      if (odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'geography',
        facet: 'geography',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: sawWords(o, grade),
        expected: `${homeWords(row)}; ${networkGrades[grade]} ${rateInWords(rate)} on this key, ${count(rates.own(row, grade))} so far ${inSpan(baseline.age(row, o.seconds))}`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    learn(row, o) {
      if (o.networkGrade > 0 && !o.expected && baseline.age(row, o.seconds) >= SETTLING)
        rates.learn(row, o.networkGrade, o.seconds);
      learnHome(row, o);
    },
  };

  /** The most used country, kept by comparing counts at each event: exact once it has led for a while. */
  function learnHome(row: number, o: Observation): void {
    const slot = findFact(tables.facts, o, levels.country, o.country);
    if (slot < 0) return;
    const seen = tables.facts.count(slot) + 1;
    const most = at(homeCount, row);
    if (o.country === part(home, row)[at(home, row)]) part(homeCount, row)[most] = seen;
    else if (seen > part(homeCount, row)[most]) {
      part(home, row)[at(home, row)] = o.country;
      part(homeCount, row)[most] = seen;
      tables.names.remember(o.country, o.event.country);
    }
  }

  function homeWords(row: number): string {
    if (part(home, row)[at(home, row)] === 0) return 'no country known so far';
    const name = countryName(tables.names.get(part(home, row)[at(home, row)]) ?? '');
    return `${name} ${outOf(part(homeCount, row)[at(homeCount, row)], baseline.events(row))}`;
  }
}

function sawWords(o: Observation, grade: number): string {
  const place = o.event.country === '' ? 'an unplaced address' : countryName(o.event.country);
  return `${networkGrades[grade]}: ${o.network.nearName || 'no address'}, ${place}`;
}
