import type { Place, SourceHandler } from '../../src/ports';
import { gate, numbered, type Recorder, recorder } from '../contracts/source';
import {
  describeKafka,
  describeOwnKafka,
  type KafkaBench,
  restartingBroker,
  uniqueName,
  withKafka,
} from '../support/kafka';
import { eventually, kafkaSource, sources } from '../support/kafka-source';

const PARTITIONS = 6;

/**
 * What a process keeps per partition: the next offset, and the texts from there on. It ignores lower offsets, as the
 * state does, and `assigned` answers its checkpoint. Members share the checkpoints, as they share effects.
 */
interface Store {
  readonly places: Map<number, Place>;
  readonly texts: Map<number, Map<number, string>>;
  /** Members by partition, to see that no partition had two at a time. */
  readonly owners: Map<number, string>;
  readonly conflicts: string[];
}

const newStore = (): Store => ({ places: new Map(), texts: new Map(), owners: new Map(), conflicts: [] });

function member(
  name: string,
  store: Store,
): { handler: SourceHandler; calls: string[]; seen(): number; inner: Recorder } {
  const calls: string[] = [];
  const inner = recorder();
  const handler: SourceHandler = {
    assigned: async (partition, committed) => {
      await inner.assigned(partition, committed);
      const owner = store.owners.get(partition);
      if (owner !== undefined) store.conflicts.push(`${name} took ${partition} from ${owner}`);
      store.owners.set(partition, name);
      calls.push(`assigned ${partition}`);
      return store.places.get(partition);
    },
    slice: async (slice) => {
      await inner.slice(slice);
      if (store.owners.get(slice.partition) !== name) store.conflicts.push(`${name} wrote ${slice.partition}`);
      const texts = store.texts.get(slice.partition) ?? new Map<number, string>();
      for (const record of slice.records) texts.set(record.offset, record.value.toString());
      store.texts.set(slice.partition, texts);
      const last = slice.records[slice.records.length - 1];
      store.places.set(slice.partition, { next: last.offset + 1, cursor: slice.cursor });
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
    revoked: async (partition) => {
      await inner.revoked(partition);
      store.owners.delete(partition);
      calls.push(`revoked ${partition}`);
    },
  };
  return { handler, calls, seen: () => inner.total(), inner };
}

const everything = (store: Store): string[][] =>
  Array.from({ length: PARTITIONS }, (_, partition) =>
    [...(store.texts.get(partition) ?? [])].sort(([a], [b]) => a - b).map(([, text]) => text),
  );
const expected = (count: number): string[][] =>
  Array.from({ length: PARTITIONS }, (_, partition) => numbered(`p${partition}`, 0, count));
const total = (store: Store): number => [...store.texts.values()].reduce((sum, texts) => sum + texts.size, 0);

describeKafka('two members of a group', () => {
  let bench: KafkaBench;
  const running = sources();
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterEach(() => running.stopAll());
  afterAll(() => bench.close());

  const fill = (topic: string, from: number, count: number) =>
    Promise.all(
      Array.from({ length: PARTITIONS }, (_, partition) =>
        bench.producer.send({
          topic,
          messages: numbered(`p${partition}`, from, count).map((value) => ({ partition, value })),
        }),
      ),
    );
  const open = (topic: string, group: string) =>
    kafkaSource({ brokers: bench.brokers }, { topic, group, sessionTimeout: 6_000 });

  it('share the partitions as one comes and goes, and lose no record', async () => {
    const topic = await bench.topic(PARTITIONS);
    const group = uniqueName('group');
    const store = newStore();
    await fill(topic, 0, 2_000);
    const [a, b] = [member('a', store), member('b', store)];
    const one = open(topic, group).source;
    running.run(one, a.handler);
    await a.inner.until(() => a.seen() > 2_000);
    const two = open(topic, group).source;
    running.run(two, b.handler);
    await b.inner.until(() => b.inner.told.length === PARTITIONS / 2);
    expect(a.calls.filter((call) => call.startsWith('revoked')).length).toBe(PARTITIONS / 2);
    // What stays with `a` goes on without being assigned anew.
    expect(a.calls.filter((call) => call.startsWith('assigned')).length).toBe(PARTITIONS);
    await fill(topic, 2_000, 500);
    await b.inner.until(() => b.seen() > 500);
    await two.stop();
    for (const [partition, owner] of store.owners) if (owner === 'b') store.owners.delete(partition);
    await fill(topic, 2_500, 500);
    await eventually(() => total(store) >= PARTITIONS * 3_000);
    expect(everything(store)).toEqual(expected(3_000));
    expect(store.conflicts).toEqual([]);
    expect([...a.inner.overlaps, ...b.inner.overlaps]).toEqual([]);
  }, 60_000);

  it('never hands a kept partition its records twice over a rebalance', async () => {
    const topic = await bench.topic(PARTITIONS);
    const group = uniqueName('group');
    const store = newStore();
    const a = member('a', store);
    running.run(open(topic, group).source, a.handler);
    await fill(topic, 0, 2_000);
    await a.inner.until(() => a.seen() > 500);
    const b = member('b', store);
    running.run(open(topic, group).source, b.handler);
    await b.inner.until(() => b.inner.told.length === PARTITIONS / 2);
    await eventually(() => total(store) >= PARTITIONS * 2_000);
    for (const seen of a.inner.seen.values()) {
      const offsets = seen.map((record) => record.offset);
      expect(new Set(offsets).size).toBe(offsets.length);
    }
    expect(everything(store)).toEqual(expected(2_000));
  }, 60_000);

  it('waits for the slice in progress before a partition is revoked', async () => {
    const topic = await bench.topic(2);
    const group = uniqueName('group');
    const [entered, released] = [gate(), gate()];
    const order: string[] = [];
    const a = recorder({
      before: async () => {
        entered.open();
        await released.opened;
      },
    });
    const slow: SourceHandler = {
      assigned: a.assigned,
      slice: async (slice) => {
        await a.slice(slice);
        order.push(`slice ${slice.partition}`);
      },
      revoked: async (partition) => {
        await a.revoked(partition);
        order.push(`revoked ${partition}`);
      },
    };
    running.run(open(topic, group).source, slow);
    await bench.producer.send({ topic, messages: [0, 1].map((partition) => ({ partition, value: `p${partition}` })) });
    await entered.opened;
    const b = recorder();
    running.run(open(topic, group).source, b);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(order).toEqual([]);
    expect(b.told).toEqual([]);
    released.open();
    await b.until(() => b.told.length === 1);
    await eventually(() => order.some((call) => call.startsWith('revoked')));
    expect(order.findIndex((call) => call.startsWith('slice'))).toBeLessThan(
      order.findIndex((call) => call.startsWith('revoked')),
    );
    expect(a.overlaps).toEqual([]);
  }, 60_000);

  it('lets the other take over when the handler of one fails', async () => {
    const topic = await bench.topic(PARTITIONS);
    const group = uniqueName('group');
    const store = newStore();
    const a = member('a', store);
    let slices = 0;
    const failing: SourceHandler = {
      ...a.handler,
      slice: async (slice) => {
        if (++slices > 3) throw new Error('disk full');
        await a.handler.slice(slice);
      },
    };
    await fill(topic, 0, 1_200);
    const run = running.run(open(topic, group).source, failing);
    await expect(run).rejects.toThrow('disk full');
    expect(a.seen()).toBeLessThan(PARTITIONS * 1_200);
    store.owners.clear();
    const b = member('b', store);
    running.run(open(topic, group).source, b.handler);
    await eventually(() => total(store) >= PARTITIONS * 1_200);
    expect(everything(store)).toEqual(expected(1_200));
    expect(a.seen() + b.seen()).toBe(PARTITIONS * 1_200);
  }, 60_000);
});

describeOwnKafka('a broker that is killed and comes back', () => {
  it('is said to be gone, and reading goes on by itself with nothing lost', async () => {
    const broker = await restartingBroker(8_000);
    const running = sources();
    const bench = await withKafka(broker.brokers);
    try {
      const topic = await bench.topic(1);
      const handler = recorder();
      const { source } = kafkaSource(
        { brokers: [...broker.brokers] },
        { topic, group: uniqueName('group'), sessionTimeout: 6_000 },
      );
      const run = running.run(source, handler);
      await bench.producer.send({ topic, messages: numbered('r', 0, 100).map((value) => ({ value })) });
      await handler.until(() => handler.total() >= 100);
      process.kill(broker.pid, 'SIGKILL');
      await eventually(() => source.problem() !== undefined);
      await Promise.race([run, eventually(() => source.problem() === undefined)]);
      const again = await withKafka(broker.brokers);
      await again.producer.send({ topic, messages: numbered('r', 100, 100).map((value) => ({ value })) });
      await again.close();
      await eventually(() => new Set(handler.texts(0)).size >= 200);
      expect([...new Set(handler.texts(0))]).toEqual(numbered('r', 0, 200));
    } finally {
      await running.stopAll();
      await bench.close();
      await broker.stop();
    }
  }, 120_000);
});
