import fc from 'fast-check';
import type { UsageEvent } from '../../src/domain/event';
import type { Engine, LogEntry } from '../../src/engine';
import type { PackEntry } from '../../src/engine/packs';
import type { PackedEvent } from '../../src/ingest/pack-format';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0, testEngine } from '../support/events';

/** Eight steady days, and a key in other hands on the last but one: from two source partitions, in turns. */
const events: readonly UsageEvent[] = (() => {
  const stolen = Array.from({ length: 30 }, (_, i) =>
    anEvent({
      ts: T0 + 6 * DAY + 9 * HOUR + i * 9_000,
      key: 'k1',
      ip: '177.71.128.9',
      country: 'BR',
      userAgent: 'curl/8.5',
      status: 403,
    }),
  );
  return [...steadyFleet(4, 8, 40 * MINUTE), ...stolen].sort((a, b) => a.ts - b.ts);
})();

const packedOf = (partition: number): PackedEvent[] =>
  events
    .filter((_, i) => i % 2 === partition)
    .map((event, i) => ({ event, offset: 10 + (i >> 2), index: i & 3, timestamp: event.ts }));

function logOf(size: number): PackEntry[] {
  const sources = [packedOf(0), packedOf(1)];
  const packs: PackEntry[] = [];
  for (let from = 0; sources.some((source) => from < source.length); from += size)
    for (const [partition, source] of sources.entries()) {
      const taken = source.slice(from, from + size);
      if (taken.length === 0) continue;
      const loggedAt = taken[taken.length - 1].event.ts + 500;
      packs.push({ kind: 'pack', offset: packs.length, loggedAt, generation: 1, partition, events: taken });
    }
  return packs;
}

interface Outcome {
  readonly alerts: readonly string[];
  readonly requests: readonly string[];
  readonly events: number;
  readonly repeated: number;
  readonly state: string;
}

/** Takes the log in calls of so many records each; after each `restart`-th one by an engine of the checkpoint. */
function taken(log: readonly LogEntry[], cuts: readonly number[], restart = Infinity): Outcome {
  let engine: Engine = testEngine();
  const outcome = { alerts: [] as string[], requests: [] as string[], events: 0, repeated: 0 };
  let calls = 0;
  for (let from = 0; from < log.length; ) {
    const to = Math.min(log.length, from + cuts[calls % cuts.length]);
    const effects = engine.advance(log.slice(from, to), { next: to, cursor: '' });
    outcome.alerts.push(...effects.alerts.map(({ event }) => event.id));
    outcome.requests.push(...effects.requests.map(({ id }) => id));
    outcome.events += effects.events;
    outcome.repeated += effects.repeated;
    from = to;
    if (++calls % restart !== 0) continue;
    const next = testEngine();
    next.restore(engine.checkpoint());
    engine = next;
  }
  return { ...outcome, state: Buffer.from(engine.checkpoint()).toString('base64') };
}

describe('packs in the engine', () => {
  const log = logOf(37);
  const whole = taken(log, [log.length]);

  it('are judged as the events they hold', () => {
    expect(whole.events).toBe(events.length);
    expect(whole.alerts.length).toBeGreaterThan(0);
  });

  it('lead to the same alerts, requests and state bytes however the log is cut, and over restarts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (cuts) => {
        expect(taken(log, cuts)).toEqual(whole);
      }),
      { numRuns: 5 },
    );
    expect(taken(log, [5], 3)).toEqual(whole);
  });

  it('that were written again are counted and change no decision', () => {
    const again: PackEntry[] = [];
    for (const [i, entry] of log.entries()) {
      again.push(entry);
      // A crash of Ingest: the last packs once more, cut differently, behind those already there.
      if (i % 4 === 3) for (const old of log.slice(i - 3, i + 1)) again.push({ ...old, events: old.events.slice(3) });
    }
    const renumbered = again.map((entry, offset) => ({ ...entry, offset }));
    const outcome = taken(renumbered, [4], 7);
    expect(outcome.repeated).toBeGreaterThan(0);
    expect({ ...outcome, repeated: 0, state: '' }).toEqual({ ...whole, state: '' });
  });

  it('of a source that is days behind are all used', () => {
    const behind = [packedOf(0), packedOf(1)];
    const late: PackEntry[] = behind.flatMap((source, partition) =>
      Array.from({ length: Math.ceil(source.length / 50) }, (_, i) => ({
        kind: 'pack' as const,
        offset: 0,
        loggedAt: T0 + 9 * DAY + i,
        generation: 1,
        partition,
        events: source.slice(i * 50, i * 50 + 50),
      })),
    );
    const outcome = taken(
      late.map((entry, offset) => ({ ...entry, offset })),
      [3],
    );
    expect(outcome.events).toBe(events.length);
  });
});
