import type { Log } from '../../adapters/log';
import { safeText } from '../../adapters/terminal';
import type { Config } from '../../config';
import type { Learned } from '../../engine/learning';
import type { Telemetry } from '../../ports';
import type { Withheld } from '../../runtime/history';

/** Whether a first start begins with learning. One that begins at the end of its log has no history, and standard input no end. */
export function learnsHistory({ source, state }: Pick<Config, 'source' | 'state'>): boolean {
  return state.learnHistory && source.kind !== 'stdin' && source.start !== 'latest';
}

const LONGEST = 100;

/** What was learned, in facts for people: times as text, ids of keys cut and safe. */
export function learnedFacts(learned: Learned) {
  const { keys, mature, events, from, until, young } = learned;
  return {
    events,
    from: from === 0 ? undefined : new Date(from).toISOString(),
    to: until === 0 ? undefined : new Date(until).toISOString(),
    keys,
    mature,
    young: keys - mature,
    youngest: young.map((key) => safeText(key, LONGEST)),
  };
}

export function tellLearned(log: Pick<Log, 'info'>, telemetry: Pick<Telemetry, 'learning'>) {
  return (partition: number, learned: Learned & Withheld) => {
    const { alerts, requests, rejected } = learned;
    telemetry.learning(partition, false);
    log.info(
      { partition, ...learnedFacts(learned), alertsNotSent: alerts, requestsNotMade: requests, rejected },
      'learned from history; alerts and actions are on from here',
    );
  };
}
