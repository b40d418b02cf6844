import { engineSettings } from '../../src/app/core';
import { type Config, configSchema } from '../../src/config';
import { riskOf } from '../../src/decide/risk';
import type { Detector } from '../../src/detect/detector';
import type { UsageEvent } from '../../src/domain/event';
import { Engine } from '../../src/engine';
import { type Counts, createTally, type Tally, thresholds } from './tally';

const DAY = 86_400_000;
const SLICE = 500;

/** The detector, with every piece of evidence told. */
function listening(detector: Detector, tally: Tally): Detector {
  return {
    ...detector,
    bind(tables) {
      const bound = detector.bind(tables);
      return {
        ...bound,
        score(row, o) {
          const evidence = bound.score(row, o);
          if (evidence !== undefined && evidence.kind === 'statistical')
            tally.note(detector.name, o.event.key, o.day, evidence.surprise, evidence.aboutActor ? o.actor : undefined);
          return evidence;
        },
      };
    },
  };
}

/** The name under which alerts are counted, beside the detectors. */
export const ALERTS = 'alerts';

/**
 * Runs events without a theft through an engine at the shipped defaults and counts what surprises there were from `from`
 * (milliseconds UTC) on. Alerts count at the surprise that their risk stands for, so below the policy's they are not seen.
 */
export function listen(events: Iterable<UsageEvent>, from: number, config: Config = defaults()): Counts {
  const tally = createTally(Math.ceil(from / DAY));
  const settings = engineSettings(config, 0);
  const detectors = settings.detectors.map((detector) => listening(detector, tally));
  const engine = new Engine({ ...settings, detectors });
  const risks = thresholds.map(riskOf);
  const advance = (entries: Parameters<Engine['advance']>[0]) => {
    for (const alert of engine.advance(entries).alerts) {
      if (alert.event.kind !== 'alert' || alert.user === undefined) continue;
      const at = risks.findLastIndex((risk) => alert.event.risk_score >= risk);
      const day = Math.floor(Date.parse(alert['@timestamp']) / DAY);
      if (at >= 0) tally.note(ALERTS, alert.user.id, day, thresholds[at]!, undefined);
    }
  };
  let entries: { kind: 'event'; offset: number; event: UsageEvent; timestamp: undefined }[] = [];
  let offset = 0;
  for (const event of events) {
    tally.see(event.key, Math.floor(event.ts / DAY));
    entries.push({ kind: 'event', offset: offset++, event, timestamp: undefined });
    if (entries.length < SLICE) continue;
    advance(entries);
    entries = [];
  }
  advance(entries);
  advance([{ kind: 'tick', ts: engine.watermark }]);
  return tally.counts();
}

export const defaults = (): Config => configSchema.parse({ source: { kind: 'stdin' } });
