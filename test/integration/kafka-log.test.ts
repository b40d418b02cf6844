import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UsageEvent } from '../../src/domain/event';
import { anEvent, DAY, HOUR, MINUTE, steadyFleet, T0 } from '../support/events';
import { describeKafka, type KafkaBench, uniqueName, withKafka } from '../support/kafka';
import { eventually } from '../support/kafka-source';
import { keywatch } from '../support/keywatch';
import { digestOf, type LogTopics, replayLog, type Shared, startMember } from '../support/log-member';

const SOURCES = 3;
const PARTITIONS = 4;

const events: readonly UsageEvent[] = (() => {
  const stolen = Array.from({ length: 60 }, (_, i) =>
    anEvent({
      ts: T0 + 5 * DAY + 9 * HOUR + i * 9_000,
      key: `k${1 + (i % 3)}`,
      ip: '177.71.128.9',
      country: 'BR',
      userAgent: 'curl/8.5',
      status: 403,
    }),
  );
  return [...steadyFleet(12, 7, 20 * MINUTE), ...stolen].sort((a, b) => a.ts - b.ts);
})();

const lineOf = ({ ts, key, ip, method, path, status, userAgent, bytes, country }: UsageEvent) =>
  JSON.stringify({ ts, key, ip, method, path, status, userAgent, bytes, country });

describeKafka('the internal log', () => {
  let bench: KafkaBench;
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(() => bench.close());

  /** As a gateway writes them: over all partitions, whatever their keys. */
  const write = (topic: string, part: readonly UsageEvent[], from: number) =>
    Promise.all(
      Array.from({ length: SOURCES }, (_, partition) =>
        bench.producer.send({
          topic,
          messages: part
            .filter((_event, i) => (from + i) % SOURCES === partition)
            .map((event) => ({ partition, value: lineOf(event), timestamp: String(event.ts) })),
        }),
      ),
    );

  const behind = async (topic: string, groupId: string): Promise<number> => {
    const ends = await bench.admin.fetchTopicOffsets(topic);
    const [{ partitions }] = await bench.admin.fetchOffsets({ groupId, topics: [topic] });
    return ends.reduce((sum, { partition, high }) => {
      const committed = partitions.find((entry) => entry.partition === partition);
      return sum + Number(high) - Math.max(0, Number(committed?.offset ?? 0));
    }, 0);
  };

  it('takes every event once over rolling restarts of three processes, as one undisturbed replay does', async () => {
    const topics: LogTopics = {
      source: await bench.topic(SOURCES),
      log: await bench.topic(PARTITIONS),
      partitions: PARTITIONS,
      group: uniqueName('group'),
    };
    const shared: Shared = { checkpoints: new Map(), alerts: new Set() };
    const start = () => startMember(bench, topics, shared);
    const members = [start(), start(), start()];
    const chunks = 6;
    const size = Math.ceil(events.length / chunks);
    for (let i = 0; i < chunks; i++) {
      const from = i * size;
      await write(topics.source, events.slice(from, from + size), from);
      if (i === 0 || i > SOURCES) continue;
      await members.shift()!.stop();
      members.push(start());
    }
    await eventually(
      async () =>
        (await behind(topics.source, `${topics.group}-ingest`)) === 0 &&
        (await behind(topics.log, `${topics.group}-detect`)) === 0,
    );
    await Promise.all(members.map((member) => member.stop()));
    const replayed = await replayLog(bench, topics);
    expect(replayed.events).toBe(events.length);
    expect(replayed.alerts.size).toBeGreaterThan(0);
    expect([...shared.alerts].sort()).toEqual([...replayed.alerts].sort());
    const states = Array.from({ length: PARTITIONS }, (_, id) => digestOf(shared.checkpoints.get(id)));
    expect(states).toEqual(replayed.digests);
  }, 90_000);

  it('lets one process read and pack, and another decide', async () => {
    const topic = await bench.topic(SOURCES);
    const name = uniqueName('log');
    await bench.admin.createTopics({ topics: [{ topic: name, numPartitions: PARTITIONS, replicationFactor: 1 }] });
    const part = events.slice(0, 600);
    await write(topic, part, 0);
    const dir = mkdtempSync(join(tmpdir(), 'keywatch-log-'));
    const start = (role: string) => {
      const log = { topic: name, partitions: PARTITIONS, group: `${name}-detect` };
      const source = { kind: 'kafka', brokers: bench.brokers, topic, group: name, start: 'earliest', log };
      const state = { dir: join(dir, role) };
      const file = join(dir, `${role}.yaml`);
      writeFileSync(file, JSON.stringify({ source, state, ingest: { format: 'keywatch' }, http: { port: 0 } }));
      return keywatch(['run', '-c', file, '--role', role]);
    };
    const [ingest, detect] = [start('ingest'), start('detect')];
    await eventually(async () => (await detect.metric('keywatch_events_total')) === part.length);
    expect(await ingest.metric('keywatch_records_consumed_total')).toBe(part.length);
    expect(await Promise.all([ingest.stop(), detect.stop()])).toEqual([0, 0]);
    expect(existsSync(join(dir, 'ingest'))).toBe(false);
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  it('of another number of partitions than configured is refused, by what to do', async () => {
    const topics: LogTopics = {
      source: await bench.topic(1),
      log: await bench.topic(2),
      partitions: 3,
      group: uniqueName('group'),
    };
    const member = startMember(bench, topics, { checkpoints: new Map(), alerts: new Set() });
    await expect(member.running).rejects.toThrow('Correct source.log.partitions');
  }, 30_000);
});
