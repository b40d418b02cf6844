import net from 'node:net';
import type { Slice } from '../../src/ports';
import { gate, numbered, recorder } from '../contracts/source';
import { createTopic, describeKafka, type KafkaBench, uniqueName, withKafka } from '../support/kafka';
import { eventually, kafkaSource, sources } from '../support/kafka-source';

describeKafka('the Kafka source', () => {
  let bench: KafkaBench;
  const running = sources();
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterEach(() => running.stopAll());
  afterAll(() => bench.close());

  const produce = (topic: string, values: readonly (string | null)[], partition = 0) =>
    bench.producer.send({ topic, messages: values.map((value) => ({ partition, value })) });
  const committed = async (group: string, topic: string) => {
    const [entry] = await bench.admin.fetchOffsets({ groupId: group, topics: [topic] });
    return new Map(entry.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  };
  const open = (topic: string, group: string, start?: string) =>
    kafkaSource({ brokers: bench.brokers }, start ? { topic, group, start } : { topic, group });

  describe('a first start', () => {
    it('at the latest record sees only what comes after, and commits its beginning at once', async () => {
      const topic = await bench.topic(1);
      const group = uniqueName('group');
      await produce(topic, numbered('old', 0, 20));
      const handler = recorder();
      const { source } = open(topic, group, 'latest');
      running.run(source, handler);
      await eventually(async () => (await committed(group, topic)).get(0) === 20);
      expect(handler.total()).toBe(0);
      // Without that commit these would be lost: they come while nobody reads.
      await source.stop();
      await produce(topic, ['new-0']);
      const second = recorder();
      running.run(open(topic, group, 'latest').source, second);
      await second.until(() => second.total() >= 1);
      expect(second.texts(0)).toEqual(['new-0']);
    });

    it('at a time begins with the first record written then', async () => {
      const topic = await bench.topic(1, { 'retention.ms': '-1' });
      const at = Date.parse('2026-03-01T12:00:00Z');
      const messages = numbered('r', 0, 10).map((value, i) => ({ value, timestamp: String(at + i * 60_000) }));
      await bench.producer.send({ topic, messages });
      const handler = recorder();
      running.run(open(topic, uniqueName('group'), '2026-03-01T13:06:00+01:00').source, handler);
      await handler.until(() => handler.total() >= 4);
      expect(handler.texts(0)).toEqual(numbered('r', 6, 4));
      expect(handler.seen.get(0)!.map((record) => record.timestamp)).toEqual([6, 7, 8, 9].map((i) => at + i * 60_000));
    });
  });

  it('reads a partition that was added later from its first record, also when it started at the latest', async () => {
    const topic = await bench.topic(1);
    const group = uniqueName('group');
    const first = recorder();
    const one = open(topic, group, 'latest').source;
    running.run(one, first);
    await eventually(async () => (await committed(group, topic)).get(0) === 0);
    await one.stop();
    await bench.admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
    const stale = await withKafka(bench.brokers);
    await stale.producer.send({ topic, messages: [{ partition: 1, value: 'early' }] });
    await stale.close();
    const second = recorder();
    running.run(open(topic, group, 'latest').source, second);
    await second.until(() => second.total() >= 1);
    expect(second.texts(1)).toEqual(['early']);
  });

  it('tells the lag behind a slice, and gives null values as empty records', async () => {
    const topic = await bench.topic(1);
    await produce(topic, ['a', null, ...numbered('b', 0, 1_198)]);
    const slices: Slice[] = [];
    const handler = recorder({ before: (slice) => void slices.push(slice) });
    running.run(open(topic, uniqueName('group')).source, handler);
    await handler.until(() => handler.total() >= 1_200);
    expect(handler.texts(0).slice(0, 3)).toEqual(['a', '', 'b-0']);
    expect(slices.map((slice) => slice.records.length)).toEqual([500, 500, 200]);
    expect(slices.map((slice) => slice.lag)).toEqual([700, 200, 0]);
  });

  it('reads only committed transactions, and their marks are no records', async () => {
    const topic = await bench.topic(1);
    const group = uniqueName('group');
    const producer = bench.kafka.producer({
      transactionalId: uniqueName('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const kept = await producer.transaction();
    await kept.send({ topic, messages: [{ value: 'kept-0' }, { value: 'kept-1' }] });
    await kept.commit();
    const dropped = await producer.transaction();
    await dropped.send({ topic, messages: [{ value: 'dropped' }] });
    await dropped.abort();
    await producer.disconnect();
    await produce(topic, ['after']);
    const handler = recorder();
    const { source, lines } = open(topic, group);
    running.run(source, handler);
    await handler.until(() => handler.total() >= 3);
    expect(handler.texts(0)).toEqual(['kept-0', 'kept-1', 'after']);
    expect(lines.filter((line) => line.level === 'error')).toEqual([]);
    await source.stop();
    expect((await committed(group, topic)).get(0)).toBe(6);
  });

  it('commits no more than a finished slice, and that within seconds while it runs', async () => {
    const topic = await bench.topic(1);
    const group = uniqueName('group');
    await produce(topic, numbered('r', 0, 700));
    const held = gate();
    const handler = recorder({
      before: (slice) => (slice.records[0].offset === 500 ? held.opened : undefined),
    });
    running.run(open(topic, group).source, handler);
    await eventually(async () => (await committed(group, topic)).get(0) === 500);
    held.open();
    await eventually(async () => (await committed(group, topic)).get(0) === 700);
    expect(handler.texts(0)).toEqual(numbered('r', 0, 700));
  });

  it('keeps its partitions while a slice takes longer than the session', async () => {
    const topic = await bench.topic(1);
    await produce(topic, ['a', 'b']);
    let joins = 0;
    const handler = recorder({
      start: () => {
        joins++;
        return undefined;
      },
      before: () => new Promise((resolve) => setTimeout(resolve, 9_000)),
    });
    const group = uniqueName('group');
    const { source, lines } = kafkaSource({ brokers: bench.brokers }, { topic, group, sessionTimeout: 6_000 });
    running.run(source, handler);
    await handler.until(() => handler.total() >= 2);
    expect(source.problem()).toBeUndefined();
    await produce(topic, ['c']);
    await handler.until(() => handler.total() >= 3);
    expect(handler.texts(0)).toEqual(['a', 'b', 'c']);
    expect(joins).toBe(1);
    expect(lines.filter((line) => line.message === 'joined the group')).toHaveLength(1);
  }, 60_000);

  it('says how many records retention deleted before they were read, and goes on behind them', async () => {
    const topic = await bench.topic(1);
    const group = uniqueName('group');
    await produce(topic, numbered('r', 0, 10));
    await bench.admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '2' }] });
    await bench.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '7' }] });
    const handler = recorder();
    const { source, lines, losses } = open(topic, group);
    running.run(source, handler);
    await handler.until(() => handler.total() >= 3);
    expect(handler.texts(0)).toEqual(numbered('r', 7, 3));
    const loss = lines.find((line) => line.level === 'error');
    expect(loss?.message).toContain('retention');
    expect(loss?.fields).toMatchObject({ partition: 0, from: 2, to: 7, records: 5 });
    expect(losses()).toBe(1);
  });

  it('says so too when retention overtakes the reading', async () => {
    const topic = await bench.topic(1);
    const group = uniqueName('group');
    const filler = 'x'.repeat(1_000);
    for (let from = 0; from < 3_000; from += 500) await produce(topic, numbered(filler, from, 500));
    const [entered, released] = [gate(), gate()];
    const handler = recorder({
      before: async () => {
        entered.open();
        await released.opened;
      },
    });
    const { source, lines, losses } = open(topic, group);
    running.run(source, handler);
    await entered.opened;
    // The client's deletion wants to know the topic's leaders from a call before.
    await bench.admin.fetchTopicOffsets(topic);
    await bench.admin
      .deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2900' }] })
      .finally(() => released.open());
    await eventually(() => handler.texts(0).at(-1) === `${filler}-2999`);
    const offsets = handler.seen.get(0)!.map((record) => record.offset);
    const gap = offsets.findIndex((offset, i) => offset !== i);
    expect(offsets.slice(gap)).toEqual(Array.from({ length: 100 }, (_, i) => 2_900 + i));
    await eventually(() => lines.some((line) => line.message.includes('retention')));
    expect(lines.find((line) => line.message.includes('retention'))?.fields).toMatchObject({ from: gap, to: 2_900 });
    expect(losses()).toBeGreaterThan(0);
    await source.stop();
    expect((await committed(group, topic)).get(0)).toBe(3_000);
  });

  it('refuses a topic that ends before the place where it stopped reading', async () => {
    const topic = await bench.topic(1);
    await produce(topic, ['a']);
    const handler = recorder({ start: () => ({ next: 5_000, cursor: '' }) });
    await expect(running.run(open(topic, uniqueName('group')).source, handler)).rejects.toThrow('created anew');
  });

  it('waits for a topic that is missing, says so, and creates none', async () => {
    const topic = uniqueName('late');
    const handler = recorder();
    const { source, lines } = open(topic, uniqueName('group'));
    running.run(source, handler);
    await eventually(() => source.problem()?.includes('does not exist') ?? false);
    expect(source.problem()).toContain(topic);
    expect(await bench.admin.listTopics()).not.toContain(topic);
    await createTopic(bench.admin, topic, 1);
    await produce(topic, ['a']);
    await handler.until(() => handler.total() >= 1);
    expect(source.problem()).toBeUndefined();
    expect(lines.some((line) => line.level === 'warn' && line.message.includes('does not exist'))).toBe(true);
  });

  it('stops at once while it still waits for a topic', async () => {
    const { source } = open(uniqueName('never'), uniqueName('group'));
    const run = running.run(source, recorder());
    await eventually(() => source.problem()?.includes('does not exist') ?? false);
    await source.stop();
    await run;
  });

  it('waits for brokers that are down at the start, and says so', async () => {
    const topic = await bench.topic(1);
    await produce(topic, ['a']);
    const [host, port] = bench.brokers[0].split(':');
    const sockets = new Set<net.Socket>();
    const door = net.createServer((socket) => {
      const onward = net.connect(Number(port), host);
      for (const end of [socket, onward]) {
        sockets.add(end);
        end.on('error', () => {});
      }
      socket.pipe(onward).pipe(socket);
    });
    const listen = (at: number) => new Promise<void>((resolve) => door.listen(at, '127.0.0.1', resolve));
    await listen(0);
    const { port: closed } = door.address() as net.AddressInfo;
    await new Promise((resolve) => door.close(resolve));
    const handler = recorder();
    const { source } = kafkaSource({ brokers: [`127.0.0.1:${closed}`] }, { topic, group: uniqueName('group') });
    running.run(source, handler);
    await eventually(() => source.problem()?.startsWith('broker unreachable') ?? false);
    await listen(closed);
    await handler.until(() => handler.total() >= 1);
    expect(source.problem()).toBeUndefined();
    await source.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => door.close(resolve));
  });
});
