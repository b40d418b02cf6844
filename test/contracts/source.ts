import type { Place, RawRecord, Slice, Source, SourceHandler } from '../../src/ports';

/**
 * What a `Source` implementation lends to the suite. One harness is one log of its own, empty at first, that lives
 * until `close`; every source created from it reads that log as the same reader (same group, same path).
 */
export interface SourceHarness {
  /** Partitions of the log, numbered from 0; 1 for a file. */
  readonly partitions: number;
  /** True when the source itself remembers the committed place between runs, as a Kafka group does. */
  readonly remembers: boolean;
  /** Appends records to a partition; resolves when a source can read them. Texts have no line breaks. */
  produce(partition: number, values: readonly string[]): Promise<void>;
  /** A new source over the log. It starts at the beginning when nothing says otherwise, and runs until stopped. */
  create(): Promise<Source>;
  close(): Promise<void>;
}

export interface Recorder extends SourceHandler {
  readonly seen: Map<number, RawRecord[]>;
  /** Next place by partition after the slices seen so far: what a checkpoint would hold. */
  readonly places: Map<number, Place>;
  /** What `assigned` was told, in order. */
  readonly told: { partition: number; committed: Place | undefined }[];
  readonly overlaps: string[];
  texts(partition: number): string[];
  total(): number;
  /** Resolves when the condition holds after some slice or assignment (or already does). */
  until(condition: () => boolean): Promise<void>;
}

interface RecorderOptions {
  /** Answer of `assigned`; undefined lets the source decide. */
  readonly start?: (partition: number, committed: Place | undefined) => Place | undefined;
  /** Runs before a slice counts as seen; a throw is the handler's fault. */
  readonly before?: (slice: Slice) => Promise<void> | void;
}

/** A handler that keeps all it is given and watches for calls of one partition that overlap. */
export function recorder(options: RecorderOptions = {}): Recorder {
  const seen = new Map<number, RawRecord[]>();
  const places = new Map<number, Place>();
  const told: Recorder['told'] = [];
  const overlaps: string[] = [];
  const busy = new Set<number>();
  const waiting: { condition: () => boolean; resolve: () => void }[] = [];
  const wake = () => {
    for (const entry of waiting.splice(0)) {
      if (entry.condition()) entry.resolve();
      else waiting.push(entry);
    }
  };
  const alone = async <T>(call: string, partition: number, work: () => Promise<T>): Promise<T> => {
    if (busy.has(partition)) overlaps.push(`${call} of partition ${partition}`);
    busy.add(partition);
    try {
      return await work();
    } finally {
      busy.delete(partition);
    }
  };
  return {
    seen,
    places,
    told,
    overlaps,
    texts: (partition) => (seen.get(partition) ?? []).map((record) => record.value.toString('utf8')),
    total: () => [...seen.values()].reduce((sum, records) => sum + records.length, 0),
    until: (condition) =>
      condition() ? Promise.resolve() : new Promise((resolve) => waiting.push({ condition, resolve })),
    assigned: (partition, committed) =>
      alone('assigned', partition, async () => {
        told.push({ partition, committed });
        wake();
        return options.start?.(partition, committed);
      }),
    slice: (slice) =>
      alone('slice', slice.partition, async () => {
        await options.before?.(slice);
        const records = seen.get(slice.partition) ?? [];
        records.push(...slice.records);
        seen.set(slice.partition, records);
        const last = slice.records[slice.records.length - 1];
        if (last) places.set(slice.partition, { next: last.offset + 1, cursor: slice.cursor });
        wake();
      }),
    revoked: (partition) => alone('revoked', partition, async () => {}),
  };
}

export const numbered = (prefix: string, from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${from + i}`);

/** A place to wait at until it is opened. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/**
 * The laws of `Source` (src/ports.ts), as tests. Call it inside a `describe`; `harness` makes a fresh log per test.
 */
export function sourceContract(harness: () => Promise<SourceHarness>): void {
  let log: SourceHarness;
  const running: { source: Source; run: Promise<void> }[] = [];

  const launch = async (handler: SourceHandler) => {
    const source = await log.create();
    const run = source.run(handler);
    // A rejection is looked at by the test that expects it; here it must only not count as unhandled.
    run.catch(() => {});
    running.push({ source, run });
    return { source, run };
  };
  const finish = async ({ source, run }: { source: Source; run: Promise<void> }) => {
    await source.stop();
    await run;
  };

  beforeEach(async () => {
    log = await harness();
  });
  afterEach(async () => {
    for (const { source, run } of running.splice(0)) {
      await source.stop();
      await run.catch(() => {});
    }
    await log.close();
  });

  /** Waits for the recorder, or fails with the fault of the run if that comes first. */
  const reach = (handler: Recorder, run: Promise<void>, condition: () => boolean) =>
    Promise.race([
      handler.until(condition),
      run.then(() => {
        if (!condition()) throw new Error('the source ended before the records had come');
      }),
    ]);

  it('gives each partition its records in order, whole and once, also those written while it runs', async () => {
    for (let p = 0; p < log.partitions; p++) await log.produce(p, numbered(`p${p}`, 0, 1_200));
    const handler = recorder();
    const { source, run } = await launch(handler);
    await reach(handler, run, () => handler.total() >= 1_200 * log.partitions);
    for (let p = 0; p < log.partitions; p++) await log.produce(p, numbered(`p${p}`, 1_200, 300));
    await reach(handler, run, () => handler.total() >= 1_500 * log.partitions);
    await finish({ source, run });
    for (let p = 0; p < log.partitions; p++) {
      expect(handler.texts(p)).toEqual(numbered(`p${p}`, 0, 1_500));
      const offsets = handler.seen.get(p)!.map((record) => record.offset);
      expect(offsets.every((offset, i) => i === 0 || offset > offsets[i - 1])).toBe(true);
    }
    expect(handler.overlaps).toEqual([]);
  });

  it('announces a partition once before its first slice, with no committed place on a first start', async () => {
    const order: string[] = [];
    for (let p = 0; p < log.partitions; p++) await log.produce(p, numbered(`p${p}`, 0, 3));
    const handler = recorder({
      start: (partition) => {
        order.push(`assigned ${partition}`);
        return undefined;
      },
      before: (slice) => {
        order.push(`slice ${slice.partition}`);
      },
    });
    const { source, run } = await launch(handler);
    await reach(handler, run, () => handler.total() >= 3 * log.partitions);
    await finish({ source, run });
    for (let p = 0; p < log.partitions; p++) {
      expect(order.indexOf(`assigned ${p}`)).toBeLessThan(order.indexOf(`slice ${p}`));
      expect(order.filter((call) => call === `assigned ${p}`)).toHaveLength(1);
    }
    expect(handler.told.map((call) => call.committed)).toEqual(handler.told.map(() => undefined));
  });

  it('hands over slices of bounded size, one at a time per partition, while the handler is slow', async () => {
    await log.produce(0, numbered('p0', 0, 2_500));
    const sizes: number[] = [];
    const handler = recorder({
      before: async (slice) => {
        sizes.push(slice.records.length);
        await new Promise((resolve) => setTimeout(resolve, 20));
      },
    });
    const { source, run } = await launch(handler);
    await reach(handler, run, () => handler.total() >= 2_500);
    await finish({ source, run });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
    expect(handler.overlaps).toEqual([]);
    expect(handler.texts(0)).toEqual(numbered('p0', 0, 2_500));
  });

  it('finishes the slice in progress on stop, and resolves run only then', async () => {
    await log.produce(0, numbered('p0', 0, 5));
    const [entered, released] = [gate(), gate()];
    const handler = recorder({
      before: async () => {
        entered.open();
        await released.opened;
      },
    });
    const { source, run } = await launch(handler);
    await Promise.race([entered.opened, run]);
    let ended = false;
    void run.then(() => {
      ended = true;
    });
    const stopped = source.stop();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(ended).toBe(false);
    released.open();
    await stopped;
    await run;
    expect(handler.texts(0)[0]).toBe('p0-0');
    const count = handler.total();
    await log.produce(0, ['late']);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(handler.total()).toBe(count);
  });

  it('goes on after stop and restart where the checkpoint stands: nothing twice, nothing skipped', async () => {
    await log.produce(0, numbered('p0', 0, 1_700));
    const first = recorder();
    const one = await launch(first);
    await reach(first, one.run, () => first.texts(0).length > 0);
    await finish(one);
    await log.produce(0, numbered('p0', 1_700, 10));
    const second = recorder({ start: (partition) => first.places.get(partition) });
    const two = await launch(second);
    await reach(second, two.run, () => first.texts(0).length + second.texts(0).length >= 1_710);
    await finish(two);
    expect([...first.texts(0), ...second.texts(0)]).toEqual(numbered('p0', 0, 1_710));
    const told = second.told.find((call) => call.partition === 0);
    if (log.remembers) expect(told?.committed?.next).toBe(first.places.get(0)?.next);
  });

  it('reads again from a checkpoint that lies behind the committed place', async () => {
    await log.produce(0, numbered('p0', 0, 40));
    let early: Place | undefined;
    const first = recorder();
    const one = await launch(first);
    await reach(first, one.run, () => first.texts(0).length >= 40);
    early = first.places.get(0);
    await log.produce(0, numbered('p0', 40, 30));
    await reach(first, one.run, () => first.texts(0).length >= 70);
    await finish(one);
    const second = recorder({ start: (partition) => (partition === 0 ? early : undefined) });
    const two = await launch(second);
    await reach(second, two.run, () => second.texts(0).length >= 30);
    await finish(two);
    expect(second.texts(0)).toEqual(numbered('p0', 40, 30));
  });

  it('rejects run with what the handler threw, and gives the records again to the next run', async () => {
    await log.produce(0, numbered('p0', 0, 8));
    const fault = new TypeError('disk full');
    const first = recorder({
      before: () => {
        throw fault;
      },
    });
    const one = await launch(first);
    await expect(one.run).rejects.toThrow('disk full');
    expect(first.total()).toBe(0);
    const second = recorder();
    const two = await launch(second);
    await reach(second, two.run, () => second.texts(0).length >= 8);
    await finish(two);
    expect(second.texts(0)).toEqual(numbered('p0', 0, 8));
  });

  it('rejects run when the handler cannot take a partition', async () => {
    await log.produce(0, ['a']);
    const handler = recorder({
      start: () => {
        throw new Error('checkpoint unreadable');
      },
    });
    const { run } = await launch(handler);
    await expect(run).rejects.toThrow('checkpoint unreadable');
    expect(handler.total()).toBe(0);
  });

  it('reports no problem while it reads, and stop may be called more than once', async () => {
    await log.produce(0, ['a']);
    const handler = recorder();
    const { source, run } = await launch(handler);
    await reach(handler, run, () => handler.total() >= 1);
    expect(source.problem()).toBeUndefined();
    await Promise.all([source.stop(), source.stop()]);
    await run;
    await source.stop();
  });
}
