import { createGeoip } from '../../src/adapters/geoip';
import { engineSettings, placing } from '../../src/app/core';
import { configSchema } from '../../src/config';
import { Engine, type LogEntry } from '../../src/engine';
import { createIngest } from '../../src/ingest/ingest';
import type { Layer } from '../../src/stats/network';
import { traffic } from '../support/traffic';

export interface EventCosts {
  readonly events: number;
  /** Times that a window was scored. */
  readonly looks: number;
  /** Microseconds of CPU time an event, a figure a round. */
  readonly without: readonly number[];
  readonly withModel: readonly number[];
}

const SLICE = 500;

/**
 * What the model adds to an event, and how often it is asked: the second half of a simulated week, after the first has
 * been learned. In shadow, so that both engines decide the same. Rounds are interleaved.
 */
export function eventCosts(layers: readonly Layer[], events: number, keys: number, rounds: number): EventCosts {
  const config = configSchema.parse({ source: { kind: 'stdin' } });
  let looks = 0;
  const model = { name: 'bench', layers, calibration: [[1e9, 0]] as const };
  const shadow = { models: [{ model, used: false }], seen: () => looks++ };
  const plain = engineSettings(config, 0);
  const watched = engineSettings(config, 0, shadow);
  const slices = prepared(2 * events, keys);
  const half = slices.length >> 1;
  const cost = (settings: typeof plain): { cost: number; looks: number; events: number } => {
    const engine = new Engine(settings);
    advance(engine, slices.slice(0, half));
    looks = 0;
    const before = process.cpuUsage();
    const count = advance(engine, slices.slice(half));
    const { user, system } = process.cpuUsage(before);
    return { cost: (user + system) / count, looks, events: count };
  };
  const without: number[] = [];
  const withModel: number[] = [];
  let last = cost(watched);
  for (let round = 0; round < rounds; round++) {
    without.push(cost(plain).cost);
    last = cost(watched);
    withModel.push(last.cost);
  }
  return { events: last.events, looks: last.looks, without, withModel };
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

function advance(engine: Engine, slices: readonly Slice[]): number {
  let events = 0;
  for (const { entries, next } of slices) {
    engine.advance(entries, { next, cursor: '' });
    events += entries.length;
  }
  return events;
}
