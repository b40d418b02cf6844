import { bindBaseline } from '../../src/detect/baseline';
import type { Detector, Tables } from '../../src/detect/detector';
import { CLIENT_GRADES, NETWORK_GRADES } from '../../src/detect/familiarity';
import { bindAdoption } from '../../src/detect/newcomer/adoption';
import { bindAgreement } from '../../src/detect/newcomer/agreement';
import { nominal } from '../../src/detect/newcomer/fit';
import { bindRates } from '../../src/detect/newcomer/rates';
import type { Observation } from '../../src/domain/observation';

/** A newcomer at its first request: what the closed form made of it, and what a learned combination may see. */
export interface Seen {
  readonly key: string;
  readonly ts: number;
  readonly ip: string;
  /** The shipped detector's surprise. */
  readonly closed: number;
  readonly features: Float64Array;
}

export const featureNames: readonly string[] = [
  'closed form',
  ...steps('surprise of network grade', NETWORK_GRADES),
  ...steps('surprise of client grade', CLIENT_GRADES),
  ...steps('network grade is', NETWORK_GRADES),
  ...steps('client grade is', CLIENT_GRADES),
  'odds of the client',
  'roll-out of the client',
  'confidence',
  'log age of the key',
  'log requests of the key',
  'log newcomers of the key, any',
  'log newcomers of the key, new countries',
  'log keys in use',
];

function steps(what: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${what} ${i + 1}`);
}

/**
 * Stands in for the newcomer detector and lets it speak as it does, so that every decision stays as shipped; beside it,
 * tells `seen` of each newcomer, once a key, address and agent.
 */
export function watching(newcomer: Detector, seen: (one: Seen) => void): Detector {
  return {
    ...newcomer,
    bind(tables) {
      const bound = newcomer.bind(tables);
      const describe = bindDescription(tables);
      const known = new Set<string>();
      return {
        ...bound,
        score(row, o) {
          const evidence = bound.score(row, o);
          if (o.networkGrade === 0 && o.clientGrade < 2) return evidence;
          const { key, ts, ip, userAgent } = o.event;
          const pair = `${key} ${ip} ${userAgent}`;
          if (known.has(pair)) return evidence;
          const closed = evidence?.surprise ?? 0;
          const features = describe(row, o, closed);
          if (features === undefined) return evidence;
          known.add(pair);
          seen({ key, ts, ip, closed, features });
          return evidence;
        },
      };
    },
  };
}

function bindDescription(tables: Tables) {
  const baseline = bindBaseline(tables);
  const rates = bindRates(tables);
  const agreement = bindAgreement(tables);
  const adoption = bindAdoption(tables);
  const network = new Float64Array(NETWORK_GRADES + 1);
  return (row: number, o: Observation, closed: number): Float64Array | undefined => {
    if (baseline.events(row) === 0) return undefined;
    rates.network(row, o.seconds, network);
    const upTo = (count: number, grade: number, of: (step: number) => number) =>
      Array.from({ length: count }, (_, i) => (i < grade ? of(i + 1) : 0));
    const is = (count: number, grade: number) => Array.from({ length: count }, (_, i) => (i + 1 === grade ? 1 : 0));
    return Float64Array.from([
      closed,
      ...upTo(NETWORK_GRADES, o.networkGrade, (g) => nominal(network[g])),
      ...upTo(CLIENT_GRADES, o.clientGrade, (g) => nominal(rates.client(row, g, o.seconds))),
      ...is(NETWORK_GRADES, o.networkGrade),
      ...is(CLIENT_GRADES, o.clientGrade),
      o.networkGrade > 0 ? Math.log2(agreement.weigh(row, o).odds) : 0,
      Math.log1p(adoption.rate(o.client.agent, o.seconds)),
      o.confidence,
      Math.log1p(baseline.age(row, o.seconds)),
      Math.log1p(baseline.events(row)),
      Math.log1p(rates.networkCount(row, 1, o.seconds)),
      Math.log1p(rates.networkCount(row, NETWORK_GRADES, o.seconds)),
      Math.log1p(baseline.activeKeys()),
    ]);
  };
}
