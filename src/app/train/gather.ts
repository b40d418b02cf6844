import type { Config } from '../../config';
import type { UsageEvent } from '../../domain/event';
import type { LogEntry } from '../../engine';
import { createEngine } from '../core';
import { type Collected, createCollector } from './collect';

export interface Gathering {
  /** Events in time order. */
  take(events: readonly UsageEvent[]): void;
  finish(): Collected;
}

/** Runs events through the detectors of the configuration, as a replay does, and keeps the windows. */
export function createGathering(config: Config, seed: number, declared: readonly LogEntry[] = []): Gathering {
  const collector = createCollector({ seed });
  const engine = createEngine(config, 0, { models: [], seen: (look) => collector.look(look) });
  let offset = 0;
  const advance = (entries: readonly LogEntry[]) => {
    for (const alert of engine.advance(entries).alerts) collector.alert(alert);
  };
  advance(declared);
  return {
    take(events) {
      for (const event of events) collector.event(event);
      advance(events.map((event) => ({ kind: 'event', offset: offset++, event, timestamp: undefined })));
    },
    finish() {
      advance([{ kind: 'tick', ts: engine.watermark }]);
      return collector.finish();
    },
  };
}
