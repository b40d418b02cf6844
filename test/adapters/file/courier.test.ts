import { startCourier } from '../../../src/adapters/file/courier';
import { openOutbox } from '../../../src/adapters/file/outbox';
import { RetryLater } from '../../../src/adapters/retry-later';
import type { AlertSink } from '../../../src/ports';
import { documents } from '../../contracts/outbox';
import { temporaryDirectories } from '../../support/files';
import { countingTelemetry, eventually, manualClock } from '../../support/time';

const directory = temporaryDirectories();

/** A sink that keeps ids and fails while it is told to. */
function sinkNamed(name: string) {
  const state = {
    failing: undefined as Error | undefined,
    got: [] as string[],
    writes: 0,
    hold: undefined as Promise<void> | undefined,
  };
  const sink: AlertSink = {
    name,
    async write(batch) {
      state.writes += 1;
      await state.hold;
      if (state.failing !== undefined) throw state.failing;
      state.got.push(...batch.map((document) => document.event.id));
    },
    close: async () => {},
  };
  return { sink, state };
}

async function setUp(more: { random?: () => number; batch?: number } = {}) {
  const outbox = await openOutbox(await directory(), { maxBytes: 1_000_000, sinks: ['siem', 'other'] });
  const clock = manualClock();
  const telemetry = countingTelemetry();
  const { sink, state } = sinkNamed('siem');
  const start = () => startCourier({ outbox, sink, clock, telemetry, random: () => 0.5, ...more });
  const counted = (result: string) =>
    telemetry.calls
      .filter((call) => call.name === 'delivery' && call.values[1] === result)
      .map((call) => call.values[2]);
  return { outbox, clock, state, start, counted };
}

describe('courier', () => {
  it('carries what is there and what comes, in order, in batches', async () => {
    const { outbox, state, start, counted } = await setUp({ batch: 2 });
    await outbox.append(documents(0, 5));
    const courier = start();
    expect(await courier.drained()).toBe(true);
    await outbox.append(documents(5, 1));
    expect(await courier.drained()).toBe(true);
    expect(state.got).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5']);
    expect(counted('written')).toEqual([2, 2, 1, 1]);
    await courier.stop();
    await outbox.close();
  });

  it('what is forgotten while the sink is down never reaches it', async () => {
    const { outbox, clock, state, start } = await setUp();
    state.failing = new Error('503');
    await outbox.append(documents(0, 3));
    const courier = start();
    await eventually(() => clock.sleeping().length === 1);
    await outbox.forget(({ event }) => event.id === 'd1');
    state.failing = undefined;
    await clock.advance(100_000);
    expect(await courier.drained()).toBe(true);
    expect(state.got).toEqual(['d0', 'd2']);
    // Where nothing else waits, it is done with all the same.
    state.failing = new Error('503');
    await outbox.append(documents(3, 1));
    await eventually(() => clock.sleeping().length === 1);
    await outbox.forget(({ event }) => event.id === 'd3');
    await clock.advance(100_000);
    expect(await courier.drained()).toBe(true);
    expect(state.got).toEqual(['d0', 'd2']);
    await courier.stop();
    await outbox.close();
  });

  it('tries the same documents again with growing, jittered waits, says so, and recovers', async () => {
    let jitter = 0;
    const { outbox, clock, state, start, counted } = await setUp({ random: () => jitter });
    state.failing = new Error('503 from the receiver');
    await outbox.append(documents(0, 3));
    const courier = start();
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      await eventually(() => clock.sleeping().length === 1);
      waits.push(clock.sleeping()[0]!);
      if (i === 7) jitter = 0.999_999;
      await clock.advance(100_000);
    }
    expect(waits.slice(0, 8)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
    expect(waits[8]).toBeCloseTo(60_000, -1);
    expect(courier.problem()).toMatch(/siem: 503 from the receiver/);
    expect(outbox.acknowledged('siem')).toBe(0);
    state.failing = undefined;
    await eventually(() => clock.sleeping().length === 1 || state.got.length > 0);
    await clock.advance(100_000);
    expect(await courier.drained()).toBe(true);
    expect(state.got).toEqual(['d0', 'd1', 'd2']);
    expect(courier.problem()).toBeUndefined();
    expect(counted('retried').length).toBeGreaterThanOrEqual(9);
    await courier.stop();
    await outbox.close();
  });

  it('waits as long as the receiver asks for, up to five minutes, and no shorter than by itself', async () => {
    const { outbox, clock, state, start } = await setUp();
    await outbox.append(documents(0, 1));
    const courier = start();
    const waits: number[] = [];
    for (const asked of [7_000, 10, 86_400_000]) {
      state.failing = new RetryLater('HTTP 429', asked);
      await eventually(() => clock.sleeping().length === 1);
      await clock.advance(300_000);
      await eventually(() => clock.sleeping().length === 1);
      waits.push(clock.sleeping()[0]!);
    }
    expect(waits).toEqual([7_000, 1_500, 300_000]);
    await courier.stop();
    await outbox.close();
  });

  it('finishes the write in flight on stop, and leaves the rest for the next run', async () => {
    const { outbox, state, start } = await setUp({ batch: 2 });
    let open: () => void = () => {};
    state.hold = new Promise((resolve) => {
      open = resolve;
    });
    await outbox.append(documents(0, 5));
    const courier = start();
    await eventually(() => state.writes === 1);
    const drained = courier.drained();
    const stopped = courier.stop();
    open();
    await stopped;
    expect(state.got).toEqual(['d0', 'd1']);
    expect(outbox.acknowledged('siem')).toBe(2);
    expect(await drained).toBe(false);
    expect(await courier.drained()).toBe(false);
    const next = start();
    expect(await next.drained()).toBe(true);
    expect(state.got).toEqual(['d0', 'd1', 'd2', 'd3', 'd4']);
    await next.stop();
    await outbox.close();
  });

  it('stops at once while it waits for a receiver that is down, or for documents', async () => {
    const { outbox, clock, state, start } = await setUp();
    await start().stop();
    state.failing = new Error('down');
    await outbox.append(documents(0, 1));
    const courier = start();
    await eventually(() => clock.sleeping().length === 1);
    await courier.stop();
    expect(state.writes).toBe(1);
    await outbox.close();
  });
});
