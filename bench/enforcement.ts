/**
 * `npm run bench:enforcement [-- --requests N --every MS]`: how long it takes from a request being made to the webhook that acts
 * on it, one request at a time: with the ledger in a file, and by way of the requests topic with the ledger in a topic, on the
 * broker that `KAFKA_BROKERS` names, else on one of its own. Receiver and broker are on this machine. Exit code 2 for a
 * wrong command line.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/adapters/clock';
import { type Enforcement, startEnforcement } from '../src/adapters/enforcement';
import { createFileLedger } from '../src/adapters/file/ledger';
import { createKafkaClient } from '../src/adapters/kafka/connection';
import { createKeyedTopic } from '../src/adapters/kafka/keyed-topic';
import { createKafkaLedger } from '../src/adapters/kafka/ledger';
import { createNoTelemetry } from '../src/adapters/no-telemetry';
import { parseSecrets } from '../src/adapters/webhook/sign';
import { createWebhook } from '../src/adapters/webhook/webhook';
import { openOnDuty } from '../src/app/live/on-duty';
import { configSchema } from '../src/config';
import type { ActionRequest } from '../src/domain/action';
import type { Ledger } from '../src/ports';
import { findBroker } from './support/broker';
import { table, wholeNumber } from './support/figures';

const limits = { count: 100_000, share: 1 };
const { enforce } = configSchema.parse({
  source: { kind: 'stdin' },
  enforce: { mode: 'enforce', breaker: { ...limits, tenant: limits } },
});

const requestOf = (id: string): ActionRequest => ({
  id,
  action: 'suspend',
  key: `key-${id}`,
  keyName: '',
  tenant: '',
  tier: 'standard',
  partition: 0,
  decidedAt: Date.now(),
  durationMs: 3_600_000,
  incidentId: id,
  alertId: id,
  rule: 'bench',
  risk: 90,
  reason: 'a measurement',
  evidence: [],
});

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { requests: { type: 'string', default: '200' }, every: { type: 'string', default: '50' } },
  });
  const requests = wholeNumber('requests', values.requests, 100_000);
  const every = wholeNumber('every', values.every, 60_000);

  const asked = new Map<string, number>();
  let times: number[] = [];
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const id = String(request.headers['webhook-id']).split('.')[0]!;
      const at = asked.get(id);
      if (at !== undefined) times.push(performance.now() - at);
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const enforcer = createWebhook({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets: parseSecrets(`whsec_${randomBytes(32).toString('base64')}`),
    allowPrivate: ['127.0.0.0/8'],
    allowHttp: true,
    timeoutMs: 5_000,
    clock: systemClock,
  });
  const start = (ledger: Ledger) =>
    startEnforcement({
      ledger,
      enforcer,
      clock: systemClock,
      random: Math.random,
      config: enforce,
      notices: async () => undefined,
      telemetry: createNoTelemetry(),
    });

  const rows: string[][] = [];
  async function measure(name: string, enforcement: Enforcement): Promise<void> {
    times = [];
    for (let i = 0; i < requests + 20; i++) {
      const id = `${name.replaceAll(' ', '-')}-${i}`;
      // The first ones warm the code up.
      if (i >= 20) asked.set(id, performance.now());
      await enforcement.submit([requestOf(id)], { lagging: false });
      await new Promise((resolve) => setTimeout(resolve, every));
    }
    while (times.length < requests) await new Promise((resolve) => setTimeout(resolve, 50));
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!.toFixed(1);
    rows.push([name, at(0.5), at(0.99), at(1)]);
    await enforcement.stop();
  }

  const dir = await mkdtemp(join(tmpdir(), 'keywatch-bench-'));
  const file = createFileLedger(join(dir, 'ledger.log'));
  await measure('ledger in a file', await start(file));
  await file.close();
  const broker = await findBroker();
  const { brokers } = broker;
  const kafka = () => createKafkaClient({ brokers, clientId: 'bench' }, undefined, () => undefined);
  const end = randomBytes(4).toString('hex');
  const [requestsTopic, ledgerTopic] = [`bench-requests-${end}`, `bench-ledger-${end}`];
  const admin = kafka().admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [requestsTopic, ledgerTopic].map((topic) => ({ topic, numPartitions: 1 })),
  });
  const ledger = createKafkaLedger(
    createKeyedTopic({ kafka: kafka(), topic: ledgerTopic, group: `bench-${end}`, log: () => undefined }),
  );
  const options = { kafka, topic: requestsTopic, group: `bench-${end}.enforce`, sessionTimeout: 10_000 };
  const shared = { ...options, log: () => undefined, tell: async () => undefined };
  await measure('requests and ledger in topics', openOnDuty({ ...shared, start: (guard) => start(guard(ledger)) }));
  await ledger.close();
  await admin.deleteTopics({ topics: [requestsTopic, ledgerTopic] });
  await admin.disconnect();
  broker.stop();
  await enforcer.close();
  server.close();
  await rm(dir, { recursive: true, force: true });
  process.stdout.write(`${table(['way', 'p50 ms', 'p99 ms', 'longest ms'], rows)}\n`);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
