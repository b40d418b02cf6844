import { baselineColumns, bindBaseline } from '../../src/detect/baseline';
import type { Detector } from '../../src/detect/detector';
import { createFamiliarity } from '../../src/detect/familiarity';
import type { UsageEvent } from '../../src/domain/event';
import type { Evidence } from '../../src/domain/evidence';
import type { Observation } from '../../src/domain/observation';
import { createObserver } from '../../src/profile/observation';
import { columnOf, createState, limitsFor, ownerHashes } from '../../src/state';
import { decodeState, encodeState } from '../../src/state/codec';

const MATURITY_DAYS = 3;

/** What a detector made of one event. */
export interface Finding {
  readonly event: UsageEvent;
  readonly evidence: Evidence;
}

export interface Stand {
  /** Lets the detector see events in the engine's order (score, count, learn); answers what it said. `taught` as for a suspect's events: false is not learned. */
  feed(events: readonly UsageEvent[], taught?: (event: UsageEvent) => boolean): Finding[];
  bytes(): Uint8Array;
  /** A stand that goes on from this one's bytes. */
  restored(): Stand;
}

/** One detector alone over a state of its own, without incidents or policy. */
export function standOf(
  detector: Detector,
  bytes?: Uint8Array,
  declare: (o: Observation) => void = () => undefined,
): Stand {
  const specs = [...baselineColumns, ...detector.columns];
  const limits = limitsFor(10_000);
  const state = bytes === undefined ? createState(specs, limits) : decodeState(bytes, specs, limits).state;
  const { facts, names, keys } = state;
  const tables = { facts, names, column: (name: string) => columnOf(state, name), rows: () => keys.ids.length };
  const observe = createObserver();
  const familiarity = createFamiliarity(facts, tables.rows);
  const baseline = bindBaseline(tables);
  const bound = detector.bind(tables);
  const rowOf = (key: string) => (keys.find(key) >= 0 ? keys.find(key) : keys.add(key, () => 0));

  return {
    feed(events, taught = () => true) {
      const findings: Finding[] = [];
      for (const event of events) {
        const unknown = keys.find(event.key) < 0;
        if (event.status === 401 && unknown && bound.refused !== undefined) {
          bound.refused(observe(event, event.ts, 0, 0), false);
          continue;
        }
        const row = rowOf(event.key);
        const { low, high } = ownerHashes(event.key);
        const o = observe(event, event.ts, low, high);
        o.confidence = baseline.confidence(row, o.seconds, MATURITY_DAYS);
        declare(o);
        familiarity.grade(o);
        if (event.status === 401) bound.refused?.(o, true);
        const evidence = bound.score(row, o);
        if (evidence !== undefined) findings.push({ event, evidence });
        const teaches = taught(event);
        bound.count?.(row, o, teaches);
        if (teaches) {
          bound.learn(row, o);
          familiarity.learn(o);
        }
        baseline.learn(row, o.seconds, teaches);
      }
      return findings;
    },
    bytes: () => encodeState(state),
    restored: () => standOf(detector, encodeState(state), declare),
  };
}

/** The strongest of some findings; 0 when there are none. */
export function strongest(findings: readonly Finding[]): number {
  return findings.reduce((most, { evidence }) => Math.max(most, evidence.surprise), 0);
}
