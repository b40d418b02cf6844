import type { Observation } from '../../domain/observation';
import { chancePerDay, surprise } from '../../stats/tail';
import { type Baseline, bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, levels, MIN_SURPRISE, type Tables } from '../detector';
import { createLadder, type Step } from '../ladder';
import { bindNewcomers, newcomerColumns } from '../newcomers';
import { count, countryName, inSpan, outOf, rateInWords } from '../words';

/** From the exact address to the country. */
const steps: readonly Step[] = [
  { level: levels.address, value: (o) => o.network.address },
  { level: levels.nearNetwork, value: (o) => o.network.near },
  { level: levels.wideNetwork, value: (o) => o.network.wide },
  { level: levels.country, value: (o) => o.country },
];
const COUNTRY = 3;

const gradeNames = [
  '',
  'a new address in a known network',
  'a new network',
  'a network far from any known',
  'a new country',
];

/**
 * Where the key is used from. Evidence: an address further from everything this key has shown than its past newcomers
 * were. Blind to a thief in the owner's own network, and weak on keys that meet new networks every day.
 */
export const geography: Detector = {
  name: 'geography',
  facet: 'geography',
  columns: [
    ...newcomerColumns('geography', steps.length),
    { name: 'geography.home', type: 'u32', width: 1, version: 1, scope: 'key' },
    { name: 'geography.homeCount', type: 'f64', width: 1, version: 1, scope: 'key' },
  ],
  bind: bindGeography,
};

function bindGeography(tables: Tables): BoundDetector {
  const ladder = createLadder(tables.facts, steps);
  const rates = bindNewcomers(tables, 'geography');
  const baseline = bindBaseline(tables);
  const home = tables.column('geography.home');
  const homeCount = tables.column('geography.homeCount');

  return {
    score(row, o) {
      const grade = ladder.grade(o);
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
        expected: `${homeWords(row)}; ${gradeNames[grade]} ${rateInWords(rate)} on this key, ${count(rates.own(row, grade))} so far ${pastWords(baseline, row, o)}`,
        since: baseline.since(row) * 1000,
        aboutActor: true,
      };
    },
    learn(row, o) {
      const grade = ladder.grade(o);
      if (grade > 0 && baseline.events(row) > 0) rates.learn(row, grade, o.seconds);
      ladder.learn(o);
      learnHome(row, o);
    },
  };

  /** The most used country, kept by comparing counts at each event: exact once it has led for a while. */
  function learnHome(row: number, o: Observation): void {
    const slot = ladder.slot(o, COUNTRY);
    if (slot < 0) return;
    const seen = tables.facts.count(slot);
    if (o.country === home.data[row]) homeCount.data[row] = seen;
    else if (seen > homeCount.data[row]) {
      home.data[row] = o.country;
      homeCount.data[row] = seen;
      tables.names.remember(o.country, o.event.country);
    }
  }

  function homeWords(row: number): string {
    if (home.data[row] === 0) return 'no country known so far';
    const name = countryName(tables.names.get(home.data[row]) ?? '');
    return `${name} ${outOf(homeCount.data[row], baseline.events(row))}`;
  }
}

function sawWords(o: Observation, grade: number): string {
  const place = o.event.country === '' ? 'an unplaced address' : countryName(o.event.country);
  return `${gradeNames[grade]}: ${o.network.nearName || 'no address'}, ${place}`;
}

function pastWords(baseline: Baseline, row: number, o: Observation): string {
  return inSpan(baseline.age(row, o.seconds));
}
