import { admit, createGateState, type GateSettings, tick } from '../../src/profile/time-gate';
import { anEvent, DAY, HOUR, MINUTE, T0 } from '../support/events';

const settings: GateSettings = { skewMs: 10 * MINUTE, latenessMs: 2 * HOUR };

/** Feeds times (with keys) through a gate and answers what came out, in order. */
function feed(records: readonly { ts: number; key?: string; broker?: number }[]) {
  const gate = createGateState();
  const used: number[] = [];
  for (const { ts, key = `k${used.length % 3}`, broker } of records) {
    admit(gate, anEvent({ ts, key }), broker, settings, (_event, at) => used.push(at));
  }
  return { gate, used, flush: (now: number) => tick(gate, now, settings, (_event, at) => used.push(at)) };
}

const steady = (from: number, n: number, step = 1_000) =>
  Array.from({ length: n }, (_, i) => ({ ts: from + i * step, key: `k${i % 4}` }));

describe('without broker timestamps', () => {
  test('the first records wait until enough of them agree, then all come out in order', () => {
    const { used, gate } = feed(steady(T0, 16));
    expect(used).toEqual(steady(T0, 16).map((r) => r.ts));
    expect(gate.waiting).toHaveLength(0);
  });

  test('a short input comes out at the first tick', () => {
    const { used, flush } = feed(steady(T0, 5));
    expect(used).toEqual([]);
    flush(T0 + HOUR);
    expect(used).toEqual(steady(T0, 5).map((r) => r.ts));
  });

  test('a bad first record in the year 2035 moves nothing: its time is set back, it is used, and it is counted', () => {
    const bad = Date.UTC(2035, 0, 1);
    const { used, gate } = feed([{ ts: bad, key: 'k9' }, ...steady(T0, 200)]);
    expect(gate.watermark).toBe(T0 + 199_000);
    expect(used).toHaveLength(201);
    expect(Math.max(...used)).toBeLessThanOrEqual(T0 + 199_000 + settings.skewMs);
    expect(gate.clockFaults).toBe(1);
  });

  test('a bad first record of 1970 is refused as late and moves nothing', () => {
    const { used, gate } = feed([{ ts: 1_000, key: 'k9' }, ...steady(T0, 200)]);
    expect(gate.watermark).toBe(T0 + 199_000);
    expect(used).toHaveLength(200);
    expect(gate.late).toBe(1);
  });

  test.each([1, 3])('a sparse log of %i keys is taken from its first record on, in order', (keys) => {
    const records = Array.from({ length: 200 }, (_, i) => ({ ts: T0 + i * 5 * HOUR, key: `k${i % keys}` }));
    const { used, gate, flush } = feed(records);
    flush(T0 + 1_000 * HOUR);
    expect(used).toEqual(records.map((r) => r.ts));
    expect(gate.late + gate.clockFaults).toBe(0);
  });

  test("after a week's gap time goes on with the new records, none lost, none moved", () => {
    const after = steady(T0 + 7 * DAY, 100);
    const { used, gate } = feed([...steady(T0, 100), ...after]);
    expect(used.slice(100)).toEqual(after.map((r) => r.ts));
    expect(gate.clockFaults).toBe(0);
  });

  test('a third of the records an hour ahead do not take the time with them for good, and none is lost', () => {
    const records = Array.from({ length: 6_000 }, (_, i) => ({
      ts: T0 + i * 1_000 + (i % 3 === 0 ? HOUR : 0),
      key: `k${i % 7}`,
    }));
    const { used, gate, flush } = feed(records);
    flush(T0 + 6_000_000);
    expect(used).toHaveLength(6_000);
    expect(gate.late).toBe(0);
    expect(gate.watermark).toBeLessThanOrEqual(T0 + 6_000_000 + settings.skewMs);
    expect(gate.clockFaults).toBeGreaterThan(1_500);
  });

  test('a stream of one key is believed, after more records', () => {
    const one = Array.from({ length: 300 }, (_, i) => ({ ts: T0 + i * 1_000, key: 'only' }));
    const { used, gate } = feed(one);
    expect(used).toEqual(one.map((r) => r.ts));
    expect(gate.watermark).toBe(T0 + 299_000);
  });

  test('one key with a fast clock does not move the time of the others', () => {
    const records = steady(T0, 400).flatMap((r, i) => [
      r,
      ...(i > 50 && i < 71 ? [{ ts: r.ts + DAY, key: 'fast' }] : []),
    ]);
    const { gate } = feed(records);
    expect(gate.watermark).toBe(T0 + 399_000);
  });

  test('what waits is bounded', () => {
    const { gate } = feed(Array.from({ length: 5_000 }, (_, i) => ({ ts: T0 + (i % 2) * i * HOUR, key: `k${i % 5}` })));
    expect(gate.waiting.length).toBeLessThanOrEqual(64);
    expect(gate.recent.length).toBeLessThanOrEqual(64);
  });
});

describe('with broker timestamps', () => {
  test('a record moves the time no further than its broker timestamp plus the skew', () => {
    const { used, gate } = feed([
      { ts: T0, broker: T0 },
      { ts: Date.UTC(2035, 0, 1), broker: T0 + 1_000 },
      { ts: T0 + 2_000, broker: T0 + 2_000 },
    ]);
    expect(used).toEqual([T0, T0 + 1_000 + settings.skewMs, T0 + 2_000]);
    expect(gate.watermark).toBe(T0 + 1_000 + settings.skewMs);
    expect(gate.clockFaults).toBe(1);
  });

  test('a week-old backlog with new broker timestamps is taken at its own times', () => {
    const { used } = feed(steady(T0, 50).map((r) => ({ ...r, broker: T0 + 7 * DAY })));
    expect(used).toEqual(steady(T0, 50).map((r) => r.ts));
  });

  test('an event later than the allowed lateness is counted and not used', () => {
    const { used, gate } = feed([
      { ts: T0 + 3 * HOUR, broker: T0 + 3 * HOUR },
      { ts: T0 + HOUR, broker: T0 + 3 * HOUR },
      { ts: T0, broker: T0 + 3 * HOUR },
    ]);
    expect(used).toEqual([T0 + 3 * HOUR, T0 + HOUR]);
    expect(gate.late).toBe(1);
  });
});
