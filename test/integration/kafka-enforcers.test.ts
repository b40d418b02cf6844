import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createKafkaClient } from '../../src/adapters/kafka/connection';
import { createKeyedTopic } from '../../src/adapters/kafka/keyed-topic';
import { createKafkaLedger } from '../../src/adapters/kafka/ledger';
import { createErrandSink } from '../../src/adapters/kafka/requests';
import { replayLedger } from '../../src/enforce/state';
import { ledgerContract } from '../contracts/ledger';
import { actionRequest } from '../support/action-request';
import type { EnforcerProcess } from '../support/enforcer-process';
import { httpReceiver } from '../support/http-receiver';
import { describeKafka, type KafkaBench, uniqueName, withKafka } from '../support/kafka';

const root = join(__dirname, '../..');

async function until(what: string, holds: () => boolean, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; !holds(); ) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describeKafka('enforcement by one of many', () => {
  let bench: KafkaBench;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    bench = await withKafka();
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    await bench.close();
  });

  const client = () => createKafkaClient({ brokers: bench.brokers, clientId: 'keywatch' }, undefined, () => {});
  const keyed = (topic: string) => {
    const opened = createKeyedTopic({ kafka: client(), topic, group: uniqueName('group'), log: () => {} });
    closing.push(() => opened.close());
    return opened;
  };

  describe('its ledger', () => {
    ledgerContract(async () => {
      const topic = keyed(await bench.topic(1, { 'cleanup.policy': 'compact' }));
      // One reader for all openings: joining its group takes its time.
      const kept = { ...topic, close: async () => undefined };
      return { open: () => createKafkaLedger(kept), close: async () => undefined };
    }, Date.now());
  });

  interface Instance {
    readonly child: ChildProcess;
    readonly said: string[];
    readonly exited: Promise<number | null>;
  }

  function start(about: EnforcerProcess): Instance {
    const script = join(root, 'test/support/enforcer-process.ts');
    const args = ['-r', join(root, 'bench/register.js'), script, JSON.stringify(about)];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const said: string[] = [];
    child.stdout!.on('data', (data) => said.push(...String(data).trim().split('\n')));
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    closing.push(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    return { child, said, exited };
  }

  it('another one takes over from one that is killed, and from one that hangs; each request is acted on once', async () => {
    const requests = await bench.topic(1);
    const ledger = await bench.topic(1, { 'cleanup.policy': 'compact' });
    /** Webhook ids in the order of their first acknowledgement. */
    const seen = new Map<string, string>();
    let refusing = false;
    const receiver = await httpReceiver(({ headers, body }) => {
      if (refusing) return { status: 503 };
      const id = String(headers['webhook-id']);
      const known = seen.get(id);
      if (known !== undefined && known !== body.replace(/"timestamp":"[^"]*"/, '')) return { status: 500 };
      seen.set(id, body.replace(/"timestamp":"[^"]*"/, ''));
      return { status: 200 };
    });
    closing.push(() => receiver.close());
    const about = { brokers: bench.brokers, requests, ledger, group: uniqueName('group'), url: receiver.url };
    const sink = createErrandSink(client(), requests);
    closing.push(() => sink.close());
    let count = 0;
    const ask = (howMany: number) =>
      sink.send(
        Array.from({ length: howMany }, () => {
          const id = `request-${count++}`;
          const request = actionRequest({ id, key: `key of ${id}`, decidedAt: Date.now() });
          return { kind: 'request', lagging: false, request };
        }),
      );
    const active = ({ said }: Instance) => said.at(-1) === 'is active';

    const first = start(about);
    await until('the first is active', () => active(first));
    const second = start(about);
    await ask(10);
    await until('ten were acted on', () => seen.size === 10);
    // Accepted, but not delivered by the one that took them.
    refusing = true;
    await ask(5);
    await new Promise((resolve) => setTimeout(resolve, 500));
    first.child.kill('SIGKILL');
    refusing = false;
    await ask(5);
    await until('the second took over', () => active(second));
    await until('twenty were acted on', () => seen.size === 20);

    const third = start(about);
    second.child.kill('SIGSTOP');
    await ask(5);
    await until('the third took over', () => active(third));
    await until('twenty-five were acted on', () => seen.size === 25);
    second.child.kill('SIGCONT');
    await until('the second stands by', () => second.said.at(-1) === 'stands by');
    await ask(5);
    await until('thirty were acted on', () => seen.size === 30);
    expect(active(third)).toBe(true);

    for (const { child, exited } of [third, second]) {
      child.kill('SIGTERM');
      expect(await exited).toBe(0);
    }
    const outcomes = await createKafkaLedger(keyed(ledger)).load();
    const state = replayLedger(outcomes);
    expect(state.live.size).toBe(30);
    const accepted = outcomes.filter((outcome) => outcome.state === 'accepted').map(({ requestId }) => requestId);
    expect(accepted.sort()).toEqual(Array.from({ length: 30 }, (_, i) => `request-${i}`).sort());
  }, 90_000);
});
