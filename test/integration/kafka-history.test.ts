import { join } from 'node:path';
import { documentsIn, easyPolicy, embedded, filesBelow } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { describeKafka, type KafkaBench, uniqueName, withKafka } from '../support/kafka';
import { eventually } from '../support/kafka-source';
import { keywatch } from '../support/keywatch';
import { type Request, traffic } from '../support/leaky-formats';

jest.setTimeout(120_000);

const makeDirectory = temporaryDirectories();
const messageOf = ({ at, owner, thief }: Request) => ({
  key: `key-${owner}`,
  timestamp: String(at),
  value: JSON.stringify({
    ts: at,
    key: `key-${owner}`,
    ip: thief ? '177.71.128.9' : `93.184.216.${owner.length}`,
    path: thief ? '/v1/export' : '/v1/orders',
    status: thief ? 403 : 200,
    userAgent: thief ? 'curl/8.5' : 'billing-client/2.1',
  }),
});

describeKafka('learning from what a topic retains', () => {
  let bench: KafkaBench;
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(() => bench.close());

  test('nothing is told of it, and of all that comes behind it, also after a kill', async () => {
    const all = [...traffic()];
    // Thefts before the end of history are no matter; the one behind it is.
    const past = all.filter(({ thief }) => !thief);
    const ended = past[past.length - 1].at;
    const early: Request[] = Array.from({ length: 40 }, (_, i) => ({
      at: ended - 86_400_000 + i * 1_000,
      owner: 'Two',
      thief: true,
    }));
    const history = [...past, ...early].sort((a, b) => a.at - b.at);
    const topic = await bench.topic(2);
    await bench.producer.send({ topic, messages: history.map(messageOf) });
    const dir = await makeDirectory();
    const paths = embedded(dir, {
      source: {
        kind: 'kafka',
        brokers: bench.brokers,
        topic,
        group: uniqueName('history'),
        start: 'earliest',
        sessionTimeout: '6s',
      },
      policy: easyPolicy,
      state: { dir: join(dir, 'state'), checkpointEvery: '1s', learnHistory: true },
    });
    const alerts = () => documentsIn(paths.alerts).filter(({ event }) => event.kind === 'alert');
    const learned = (said: string) => said.split('\n').filter((line) => line.includes('learned from history'));
    const first = keywatch(['run', '-c', paths.config]);
    // Where history ends is known from a partition's first slice on, which its first checkpoint keeps.
    const anchored = (partition: number) =>
      filesBelow(join(paths.state, 'checkpoints')).some((path) => path.includes(`partition-${partition}.`));
    await eventually(() => learned(first.said()).length > 0 && anchored(0) && anchored(1));
    await first.kill();
    expect(alerts()).toEqual([]);

    const second = keywatch(['run', '-c', paths.config]);
    const thief: Request[] = Array.from({ length: 40 }, (_, i) => ({
      at: ended + 60_000 + i * 1_000,
      owner: 'Own',
      thief: true,
    }));
    await second.url();
    await bench.producer.send({ topic, messages: thief.map(messageOf) });
    await eventually(() => alerts().length > 0);
    expect(await second.stop()).toBe(0);
    expect([...new Set(alerts().map(({ user }) => user?.id))]).toEqual(['key-Own']);
    // Each partition that had records says once what it has learned; the kill may have come before the line.
    const facts = [...learned(first.said()), ...learned(second.said())].map((line) => JSON.parse(line));
    expect(new Set(facts.map(({ partition }) => partition)).size).toBe(facts.length);
    expect(facts.every(({ keys }) => keys > 0)).toBe(true);
  });
});
