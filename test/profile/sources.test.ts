import type { UsageEvent } from '../../src/domain/event';
import {
  admitFrom,
  advanceTo,
  hear,
  MAX_LOG_SOURCES,
  passTime,
  raise,
  SOURCE_IDLE_MS,
} from '../../src/profile/sources';
import { createGateState } from '../../src/profile/time-gate';
import { anEvent, DAY, HOUR, MINUTE, T0 } from '../support/events';

const settings = { skewMs: 10 * MINUTE, latenessMs: 2 * HOUR };

/** A gate, and what was let through: the events' times as judged. */
function opened() {
  const gate = createGateState();
  const used: number[] = [];
  let offset = 0;
  return {
    gate,
    used,
    /** A pack of one event at `ts` from `partition`, logged at `loggedAt`. */
    pack(partition: number, ts: number, loggedAt: number, bound = Math.max(ts, loggedAt)): void {
      const source = hear(gate.sources, 1, partition, loggedAt);
      if (advanceTo(source, offset++, 0))
        admitFrom(gate, source, anEvent({ ts }), bound, settings, (_: UsageEvent, at) => used.push(at));
      raise(gate);
    },
  };
}

describe('the sources of an internal log', () => {
  it('take each place once, whatever comes again', () => {
    const gate = createGateState();
    const taken = (offset: number, index: number) => advanceTo(hear(gate.sources, 1, 0, T0), offset, index);
    expect([taken(0, 0), taken(0, 1), taken(5, 0)]).toEqual([true, true, true]);
    expect([taken(0, 0), taken(5, 0), taken(4, 9)]).toEqual([false, false, false]);
    expect(taken(5, 1)).toBe(true);
    expect(advanceTo(hear(gate.sources, 1, 1, T0), 0, 0)).toBe(true);
    // Another generation of the same partition: its offsets began anew.
    expect(advanceTo(hear(gate.sources, 2, 0, T0), 0, 0)).toBe(true);
  });

  it('hold the watermark at the one that is furthest behind', () => {
    const { gate, pack } = opened();
    pack(0, T0, T0);
    pack(1, T0 - DAY, T0);
    expect(gate.watermark).toBe(T0);
    const fresh = opened();
    fresh.pack(1, T0 - DAY, T0);
    fresh.pack(0, T0, T0 + 1);
    expect(fresh.gate.watermark).toBe(T0 - DAY);
    fresh.pack(1, T0 - HOUR, T0 + 2);
    expect(fresh.gate.watermark).toBe(T0 - HOUR);
  });

  it('lose nothing of one that catches up, however far the others are', () => {
    const { gate, used, pack } = opened();
    pack(0, T0, T0);
    for (let hour = 48; hour >= 0; hour--) pack(1, T0 - hour * HOUR, T0 + 100 - hour);
    expect(gate.late).toBe(0);
    expect(used).toHaveLength(50);
  });

  it('refuse what is late within its own source', () => {
    const { gate, pack } = opened();
    pack(0, T0, T0);
    pack(0, T0 - 3 * HOUR, T0);
    expect(gate.late).toBe(1);
    pack(0, T0 - HOUR, T0);
    expect(gate.late).toBe(1);
  });

  it('do not wait for one that is idle, by the clock of the log and by ticks alike', () => {
    const byRecords = opened();
    byRecords.pack(1, T0 - HOUR, T0);
    byRecords.pack(0, T0 + SOURCE_IDLE_MS, T0 + SOURCE_IDLE_MS);
    expect(byRecords.gate.watermark).toBe(T0 - HOUR);
    byRecords.pack(0, T0 + SOURCE_IDLE_MS + 1, T0 + SOURCE_IDLE_MS + 1);
    expect(byRecords.gate.watermark).toBe(T0 + SOURCE_IDLE_MS + 1);

    const byTicks = opened();
    byTicks.pack(1, T0 - HOUR, T0);
    byTicks.pack(0, T0 + 1, T0 + 1);
    passTime(byTicks.gate, T0 + SOURCE_IDLE_MS + 1);
    expect(byTicks.gate.watermark).toBe(T0 + 1);
    // All idle: nothing tells how far time has come, so the watermark stays.
    passTime(byTicks.gate, T0 + DAY);
    expect(byTicks.gate.watermark).toBe(T0 + 1);
  });

  it('bound a time that runs ahead of its record', () => {
    const { gate, used, pack } = opened();
    pack(0, T0 + 365 * DAY, T0, T0);
    expect(used).toEqual([T0 + settings.skewMs]);
    expect(gate.clockFaults).toBe(1);
    expect(gate.watermark).toBe(T0 + settings.skewMs);
  });

  it('are bounded: the one not heard of for longest is forgotten', () => {
    const { sources } = createGateState();
    for (let partition = 0; partition <= MAX_LOG_SOURCES; partition++) hear(sources, 1, partition, T0 + partition);
    expect(sources.list).toHaveLength(MAX_LOG_SOURCES);
    expect(sources.list[0].partition).toBe(1);
  });
});
