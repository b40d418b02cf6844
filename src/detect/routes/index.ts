import { chancePerDay, surprise } from '../../stats/tail';
import { bindBaseline } from '../baseline';
import { type BoundDetector, type Detector, MIN_SURPRISE, type Tables } from '../detector';
import { bindNewcomers, newcomerColumns } from '../newcomers';
import { count, inSpan, rateInWords } from '../words';

/** A text of the log, short enough for a sentence. */
const SHOWN = 60;

/** What the key is used for. Evidence: a route that it never called. Weak alone: new features look the same. */
export const routes: Detector = {
  name: 'routes',
  facet: 'routes',
  columns: newcomerColumns('routes', 1),
  bind: bindRoutes,
};

function bindRoutes(tables: Tables): BoundDetector {
  const rates = bindNewcomers(tables, 'routes');
  const baseline = bindBaseline(tables);
  return {
    score(row, o) {
      if (baseline.events(row) === 0 || o.routeGrade === 0) return undefined;
      const rate = rates.rate(row, 1, o.seconds, baseline.since(row), baseline.keyDays());
      const odd = surprise(chancePerDay(rate));
      if (odd < MIN_SURPRISE) return undefined;
      return {
        detector: 'routes',
        facet: 'routes',
        kind: 'statistical',
        surprise: odd,
        confidence: o.confidence,
        saw: `a route never used before: ${o.event.method} ${o.event.route.slice(0, SHOWN)}`,
        expected: `a new route ${rateInWords(rate)}, ${count(rates.own(row, 1))} so far ${inSpan(baseline.age(row, o.seconds))}`,
        since: baseline.since(row) * 1000,
        aboutActor: false,
      };
    },
    learn(row, o) {
      if (o.routeGrade > 0 && !o.expected && baseline.events(row) > 0) rates.learn(row, 1, o.seconds);
    },
  };
}
