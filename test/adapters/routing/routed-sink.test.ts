import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRoutedSink } from '../../../src/adapters/routing/routed-sink';
import { createRoutingStore } from '../../../src/adapters/routing/store';
import { createMaintenance } from '../../../src/adapters/routing/windows';
import type { AlertDocument } from '../../../src/domain/alert';
import type { AlertSink } from '../../../src/ports';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';
import { temporaryDirectories } from '../../support/files';
import { countingTelemetry, eventually, manualClock } from '../../support/time';

const directory = temporaryDirectories();
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 2, 1, 10);
const routing = {
  record: false,
  minSeverity: 'low' as const,
  kinds: ['alert' as const, 'update' as const, 'notice' as const],
  rateLimit: { documents: 2, window: HOUR, exempt: 'critical' as const },
};
const some = (from: number, n: number) => Array.from({ length: n }, (_, i) => alertDocument({ id: `d${from + i}` }));

/** A receiver that outlives the sinks in front of it, and a directory. */
async function receiver() {
  const dir = await directory();
  const clock = manualClock(NOW);
  const got: AlertDocument[] = [];
  const faults: unknown[] = [];
  const telemetry = countingTelemetry();
  const state = { failing: false, closed: 0 };
  const inner = (): AlertSink => ({
    name: 'chat',
    write: async (documents) => {
      if (state.failing) throw new Error('503');
      got.push(...documents);
    },
    close: async () => {
      state.closed++;
    },
  });
  const open = (over: object = {}) =>
    createRoutedSink({
      sink: inner(),
      routing: { ...routing, ...over },
      maintenance: createMaintenance([], () => ''),
      store: createRoutingStore(dir, 'chat'),
      clock,
      telemetry,
      onFault: (_, error) => faults.push(error),
    });
  const seen = () => got.map((document) => document.keywatch.held_back?.documents ?? document.event.id);
  return { dir, clock, got, faults, telemetry, state, open, seen };
}

describe('a routed sink that lets everything pass is a sink', () => {
  alertSinkContract(async () => {
    const { open, got } = await receiver();
    const { rateLimit, ...plain } = routing;
    expect(rateLimit.documents).toBe(2);
    return {
      create: async () => open({ ...plain, rateLimit: { ...rateLimit, documents: 100 } }),
      received: async () => got,
      close: async () => {},
    };
  });
});

test('the summary goes out by itself when the window ends', async () => {
  const { open, clock, seen } = await receiver();
  const sink = open();
  await sink.write(some(0, 5));
  expect(seen()).toEqual(['d0', 'd1']);
  await clock.advance(HOUR - 1);
  expect(seen()).toEqual(['d0', 'd1']);
  await clock.advance(1);
  await eventually(() => seen().length === 3);
  expect(seen()).toEqual(['d0', 'd1', 3]);
  await sink.close();
});

test('a restart goes on with the same window, and tells at the start what fell due meanwhile', async () => {
  const { open, clock, seen, dir } = await receiver();
  const first = open();
  await first.write(some(0, 3));
  await first.close();
  expect(readdirSync(dir)).toHaveLength(1);
  const second = open();
  await second.write(some(3, 2));
  expect(seen()).toEqual(['d0', 'd1']);
  await second.close();
  await clock.advance(3 * HOUR);
  const third = open();
  await eventually(() => seen().length === 3);
  expect(seen()).toEqual(['d0', 'd1', 3]);
  await third.close();
});

test('a write that fails counts nothing, is told to the caller, and comes again whole', async () => {
  const { open, clock, state, seen, telemetry } = await receiver();
  const sink = open();
  state.failing = true;
  await expect(sink.write(some(0, 4))).rejects.toThrow('503');
  await expect(sink.write(some(0, 4))).rejects.toThrow('503');
  state.failing = false;
  await sink.write(some(0, 4));
  await clock.advance(HOUR);
  await eventually(() => seen().length === 3);
  expect(seen()).toEqual(['d0', 'd1', 2]);
  expect(telemetry.calls).toEqual([{ name: 'delivery', values: ['chat', 'withheld', 2] }]);
  await sink.close();
});

test('while the count cannot be saved, nothing is said twice', async () => {
  const { open, seen, dir } = await receiver();
  const sink = open();
  await sink.write(some(0, 1));
  // No directory any more, but a file in its place: every saving fails, as on a full disk.
  rmSync(dir, { recursive: true });
  writeFileSync(dir, '');
  for (let i = 0; i < 3; i++) await expect(sink.write(some(1, 3))).rejects.toThrow();
  expect(seen()).toEqual(['d0', 'd1']);
  rmSync(dir);
  await sink.write(some(1, 3));
  expect(seen()).toEqual(['d0', 'd1']);
  await sink.close();
});

test('a summary that cannot be written is tried again every minute', async () => {
  const { open, clock, state, seen, faults } = await receiver();
  const sink = open();
  await sink.write(some(0, 3));
  state.failing = true;
  await clock.advance(HOUR);
  await eventually(() => faults.length === 1 && clock.sleeping().length === 1);
  expect(clock.sleeping()).toEqual([60_000]);
  state.failing = false;
  await clock.advance(60_000);
  await eventually(() => seen().length === 3);
  expect(seen()).toEqual(['d0', 'd1', 1]);
  await sink.close();
});

test('a damaged file counts as none; the outputs of one directory do not share one', async () => {
  const { open, seen, dir } = await receiver();
  const sink = open();
  await sink.write(some(0, 2));
  await sink.close();
  const [name] = readdirSync(dir);
  writeFileSync(join(dir, name), '{"window":');
  const next = open();
  await next.write(some(2, 1));
  expect(seen()).toEqual(['d0', 'd1', 'd2']);
  await next.close();
  await createRoutingStore(dir, 'console').save({ window: { start: 0, passed: 0 }, tallies: [], last: [] });
  expect(readdirSync(dir)).toHaveLength(2);
});

test('close stops the waiting and closes the sink behind it', async () => {
  const { open, clock, state } = await receiver();
  const sink = open();
  await sink.write(some(0, 3));
  await eventually(() => clock.sleeping().length === 1);
  await sink.close();
  expect(clock.sleeping()).toEqual([]);
  expect(state.closed).toBe(1);
});

test('a crash between the write and its acknowledgement: written again by the same ids, counted once', async () => {
  const { open, clock, seen, dir, got } = await receiver();
  const store = createRoutingStore(dir, 'chat');
  const before = await store.load();
  const first = open();
  await first.write(some(0, 4));
  await first.close();
  // The courier's position was not saved: the same documents come again, and one more.
  const second = open();
  await second.write(some(0, 5));
  await second.close();
  expect(seen()).toEqual(['d0', 'd1', 'd0', 'd1']);
  // Nor had the count been saved: all is decided as it was.
  await store.save(before);
  const third = open();
  await third.write(some(0, 5));
  expect(seen()).toEqual(['d0', 'd1', 'd0', 'd1', 'd0', 'd1']);
  await clock.advance(HOUR);
  await eventually(() => got.length === 7);
  expect(seen().at(-1)).toBe(3);
  await third.close();
});
