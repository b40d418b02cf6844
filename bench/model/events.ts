import { createGeoip } from '../../src/adapters/geoip';
import { readModel } from '../../src/adapters/model/read';
import { engineSettings, placing } from '../../src/app/core';
import { DEFAULT_MODEL } from '../../src/app/models';
import { configSchema } from '../../src/config';
import { Engine, type LogEntry } from '../../src/engine';
import { createIngest } from '../../src/ingest/ingest';
import { traffic } from '../support/traffic';

export interface EventCosts {
  readonly events: number;
  /** Times that a window was scored. */
  readonly looks: number;
  /** Microseconds of CPU time an event, the least of all rounds for each slice of the log. */
  readonly off: number;
  readonly shadow: number;
  /** The same from the first and from the second half of the rounds: how far two such measurements lie apart. */
  readonly halves: readonly { readonly off: number; readonly shadow: number }[];
}

const SLICE = 250;

/**
 * What the shipped model in shadow adds to an event, and how often it is asked: the second half of a simulated week, after
 * the first has been learned. Each round begins at the same state and takes the same slices, now with the model off and
 * now in shadow, taking turns in who is first; of each slice the least CPU time of all rounds counts, because other work on
 * the machine only ever adds.
 */
export function eventCosts(events: number, keys: number, rounds: number): EventCosts {
  const config = configSchema.parse({ source: { kind: 'stdin' } });
  let looks = 0;
  const { model } = readModel(DEFAULT_MODEL);
  const slices = prepared(2 * events, keys);
  const half = slices.length >> 1;
  const judged = slices.slice(half);
  const sides = [undefined, { models: [{ model, used: false }], seen: () => looks++ }].map((models) => {
    const engine = new Engine(engineSettings(config, 0, models));
    advance(engine, slices.slice(0, half));
    return { engine, learned: engine.checkpoint(), costs: [] as Float64Array[] };
  });
  for (let round = 0; round <= rounds; round++) {
    for (const { engine, learned } of sides) engine.restore(learned);
    looks = 0;
    const costs = sides.map(() => new Float64Array(judged.length));
    for (const [i, slice] of judged.entries()) {
      for (const side of (round + i) % 2 === 0 ? [0, 1] : [1, 0]) {
        const before = process.cpuUsage();
        advance(sides[side].engine, [slice]);
        const { user, system } = process.cpuUsage(before);
        costs[side][i] = user + system;
      }
    }
    // The first warms up.
    if (round > 0) for (const [i, side] of sides.entries()) side.costs.push(costs[i]);
  }
  const taken = judged.reduce((sum, { entries }) => sum + entries.length, 0);
  const least = (side: number, from: number, until: number) =>
    judged.reduce((sum, _, i) => sum + Math.min(...sides[side].costs.slice(from, until).map((c) => c[i])), 0) / taken;
  const between = (from: number, until: number) => ({ off: least(0, from, until), shadow: least(1, from, until) });
  const middle = rounds >> 1;
  return { events: taken, looks, ...between(0, rounds), halves: [between(0, middle), between(middle, rounds)] };
}

interface Slice {
  readonly entries: LogEntry[];
  readonly next: number;
}

function prepared(count: number, keys: number): readonly Slice[] {
  const { ingest } = createIngest({ format: 'keywatch', keyIs: 'id', trustedProxies: [], maxRecordBytes: 65_536 });
  const place = placing(createGeoip());
  const slices: Slice[] = [];
  let entries: LogEntry[] = [];
  let offset = 0;
  for (const record of traffic(count, keys)) {
    for (const result of ingest(Buffer.from(JSON.stringify(record)))) {
      if (result.kind !== 'event') throw new Error('the simulator made a record that ingest does not take');
      entries.push({ kind: 'event', offset, event: place(result.event), timestamp: undefined });
    }
    offset++;
    if (entries.length < SLICE) continue;
    slices.push({ entries, next: offset });
    entries = [];
  }
  return slices;
}

function advance(engine: Engine, slices: readonly Slice[]): void {
  for (const { entries, next } of slices) engine.advance(entries, { next, cursor: '' });
}
