import type { EnforcementOptions } from '../../adapters/enforcement';
import { judgeQuality, noteCounts, noteLag, noteTaken, type Quality, untested } from '../../enforce/quality';
import type { Telemetry } from '../../ports';
import type { Runtime } from '../../runtime';
import type { House } from './house';

/** Records behind which a partition counts as having caught up after a start. */
const CAUGHT_UP = 1_000;
/** Outcomes that wait for their way into the log; beyond, the oldest are not told to Detect. */
const MOST_WAITING = 10_000;

/** What Enforce must know of Detect's data, and Detect of Enforce's outcomes. */
export interface Bridge {
  readonly quality: NonNullable<EnforcementOptions['quality']>;
  readonly outcomes: NonNullable<EnforcementOptions['outcomes']>;
  /** Counts what the runtime reports, then passes it on. */
  readonly telemetry: Telemetry;
  /** `reached` is told of the event time of each partition. */
  onReached(reached: (partition: number, ts: number) => void): void;
  /** Every few seconds: outcomes go into the log of Detect, in their order. Those that no partition takes yet stay. */
  tick(runtime: Pick<Runtime, 'command'>): Promise<void>;
}

type Command = Parameters<Runtime['command']>[0];

export function createBridge({ config, clock, telemetry, log }: House): Bridge {
  const { window: windowMs, decodeErrors, clockFaults } = config.enforce.quality;
  const settings = { windowMs, decodeErrors, clockFaults };
  const waiting: Command[] = [];
  const known = new Set<number>();
  let quality: Quality = untested;
  let reached = (_partition: number, _ts: number): void => undefined;
  const count = (counts: Parameters<typeof noteCounts>[1]) => {
    quality = noteCounts(quality, counts, clock.now(), settings);
  };

  return {
    quality: (partition) => judgeQuality(quality, partition, clock.now(), settings),
    outcomes({ requestId, state, rail, at, until, by }, { key, action, incidentId }) {
      if (waiting.length >= MOST_WAITING) {
        waiting.shift();
        log.warn({ most: MOST_WAITING }, 'outcomes wait too long for their way to Detect: the oldest is left out');
      }
      const note = { key, requestId, action, incidentId, state, at };
      waiting.push({
        type: 'outcome',
        ...note,
        ...(rail === undefined ? {} : { rail }),
        ...(until === undefined ? {} : { until }),
        ...(by === undefined ? {} : { by }),
      });
    },
    telemetry: {
      ...telemetry,
      events(events) {
        count({ events });
        telemetry.events(events);
      },
      rejected(reason, decodeErrors) {
        count({ decodeErrors });
        telemetry.rejected(reason, decodeErrors);
      },
      clockFaults(clockFaults) {
        count({ clockFaults });
        telemetry.clockFaults(clockFaults);
      },
      gap() {
        count({ gaps: 1 });
        log.warn(
          { heldFor: windowMs },
          'the log has a gap: no automatic action until the data have been whole for a while',
        );
        telemetry.gap();
      },
      lag(partition, records) {
        if (!known.has(partition)) {
          known.add(partition);
          quality = noteTaken(quality, partition);
        }
        quality = noteLag(quality, partition, records, CAUGHT_UP);
        telemetry.lag(partition, records);
      },
      watermark(partition, ts) {
        reached(partition, ts);
        telemetry.watermark(partition, ts);
      },
      revoked(partition) {
        known.delete(partition);
        telemetry.revoked(partition);
      },
    },
    onReached(to) {
      reached = to;
    },
    async tick(runtime) {
      while (waiting.length > 0) {
        const command = waiting[0]!;
        if ((await runtime.command(command)) === 0) return;
        waiting.splice(waiting.indexOf(command), 1);
      }
    },
  };
}
