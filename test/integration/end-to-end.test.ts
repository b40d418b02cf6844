import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatRecord, labels, simulate } from '../../src/simulate/simulate';
import { describeKafka, type KafkaBench, readTopic, uniqueName, withKafka } from '../support/kafka';
import { eventually } from '../support/kafka-source';
import { type Keywatch, keywatch, referenceReceiver, type Suspended } from '../support/keywatch';

jest.setTimeout(240_000);

const PARTITIONS = 6;
const secret = `whsec_${randomBytes(24).toString('base64')}`;
const traffic = { seed: 11, keys: 90, days: 12, ratePerKeyDay: 40, thefts: 8 } as const;

describeKafka('50,000 events with thefts from a topic to alerts and signed webhooks', () => {
  let bench: KafkaBench;
  let dir: string;
  let input: string;
  let produced = 0;
  const receivers: Suspended[] = [];

  beforeAll(async () => {
    bench = await withKafka();
    dir = mkdtempSync(join(tmpdir(), 'keywatch-e2e-'));
    input = await bench.topic(PARTITIONS);
    let messages: { key: string; value: string }[] = [];
    for (const { record } of simulate(traffic)) {
      messages.push({ key: record.key, value: formatRecord(record) });
      produced++;
      if (messages.length < 2_000) continue;
      await bench.producer.send({ topic: input, messages });
      messages = [];
    }
    if (messages.length > 0) await bench.producer.send({ topic: input, messages });
    expect(produced).toBeGreaterThan(50_000);
  });
  afterAll(async () => {
    await Promise.all(receivers.map((receiver) => receiver.close()));
    await bench.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A deployment of its own: group, state, alert topic and receiver. */
  async function deployment() {
    const name = uniqueName('run');
    const alerts = await bench.topic(1);
    const receiver = await referenceReceiver(secret);
    receivers.push(receiver);
    const file = join(dir, `${name}.yaml`);
    writeFileSync(
      file,
      JSON.stringify({
        source: {
          kind: 'kafka',
          brokers: bench.brokers,
          topic: input,
          group: name,
          start: 'earliest',
          sessionTimeout: '6s',
        },
        ingest: { format: 'keywatch' },
        policy: {
          rules: [
            { name: 'theft', when: { risk: 65, confidence: 0.5, signs: 2, surprise: 1 }, action: 'suspend', for: '1h' },
            { name: 'unusual-use', when: { risk: 60 }, action: 'alert' },
          ],
        },
        alerts: [{ kind: 'kafka', brokers: bench.brokers, topic: alerts }],
        enforce: {
          mode: 'enforce',
          maxAge: '4000d',
          breaker: { count: 1_000, share: 1 },
          webhook: {
            url: receiver.url,
            secretFrom: 'env:KEYWATCH_WEBHOOK_SECRET',
            allowHttp: true,
            allowPrivate: ['127.0.0.1'],
          },
        },
        state: { dir: join(dir, name), checkpointEvery: '1s' },
        http: { port: 0 },
      }),
    );
    const start = () => keywatch(['run', '-c', file], { KEYWATCH_WEBHOOK_SECRET: secret });
    const committed = async () => {
      const [entry] = await bench.admin.fetchOffsets({ groupId: name, topics: [input] });
      return entry.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    };
    const accepted = () =>
      readFileSync(join(dir, name, 'ledger.log'), 'utf8')
        .split('\n')
        .flatMap((line) => (line.includes('"accepted"') ? [/"requestId":"([^"]+)"/.exec(line)?.[1]] : []))
        .sort();
    return { alerts, receiver, start, committed, accepted };
  }

  /** What was decided, without the closings, which also come from the passing of wall-clock time. */
  async function decided(topic: string) {
    const documents = (await readTopic(bench, topic)).map(({ value }) => JSON.parse(value));
    // Updates tell what became of requests, which Enforce decides by the clock on the wall.
    const told = documents.filter((d) => d.user !== undefined && d.event.kind === 'alert');
    return { alerts: [...new Set(told.map((d) => d.event.id))].sort(), documents };
  }

  async function finish(run: Keywatch, committed: () => Promise<number>): Promise<number | null> {
    await eventually(async () => {
      if (run.child.exitCode !== null) throw new Error(`keywatch ended: ${run.said()}`);
      return (await committed()) === produced;
    });
    return run.stop();
  }

  test('an undisturbed run and one killed with -9 half-way end with the same alerts, and what was accepted is delivered', async () => {
    const calm = await deployment();
    expect(await finish(calm.start(), calm.committed)).toBe(0);
    const expected = await decided(calm.alerts);
    const stolen = new Set(labels(traffic).map((label) => label.key));
    expect(expected.documents.some((d) => d.event.kind === 'alert' && stolen.has(d.user?.id))).toBe(true);
    expect([...calm.receiver.ids].sort()).toEqual(calm.accepted());
    expect(calm.receiver.bad()).toBe(0);

    const rough = await deployment();
    for (const share of [0.3, 0.6]) {
      const victim = rough.start();
      await victim.url();
      await eventually(
        async () =>
          (await victim.metric('keywatch_events_total')) > 500 && (await rough.committed()) >= produced * (share - 0.3),
      );
      const before = await rough.committed();
      await victim.kill();
      expect(before).toBeLessThan(produced);
    }
    expect(await finish(rough.start(), rough.committed)).toBe(0);
    const after = await decided(rough.alerts);
    expect(after.alerts).toEqual(expected.alerts);
    expect([...rough.receiver.ids].sort()).toEqual(rough.accepted());
    expect(rough.receiver.bad()).toBe(0);
    expect(await rough.committed()).toBe(produced);
  });
});
