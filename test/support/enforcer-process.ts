/**
 * One of several instances, as a process of its own: `node -r ./bench/register.js enforcer-process.ts JSON`. Says `active` and
 * `stands by` on standard output; SIGTERM stops it gracefully.
 */

import { systemClock } from '../../src/adapters/clock';
import { startEnforcement } from '../../src/adapters/enforcement';
import { createKafkaClient } from '../../src/adapters/kafka/connection';
import { createKeyedTopic } from '../../src/adapters/kafka/keyed-topic';
import { createKafkaLedger } from '../../src/adapters/kafka/ledger';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { parseSecrets } from '../../src/adapters/webhook/sign';
import { createWebhook } from '../../src/adapters/webhook/webhook';
import { openOnDuty } from '../../src/app/live/on-duty';
import { enforceConfig } from './enforcement';

export interface EnforcerProcess {
  readonly brokers: readonly string[];
  readonly requests: string;
  readonly ledger: string;
  readonly group: string;
  readonly url: string;
}

const { brokers, requests, ledger: ledgerTopic, group, url } = JSON.parse(process.argv[2]!) as EnforcerProcess;
const kafka = () => createKafkaClient({ brokers: [...brokers], clientId: 'keywatch' }, undefined, () => undefined);
const log = (_: string, text: string) => {
  if (text.startsWith('enforcement ')) process.stdout.write(`${text.slice('enforcement '.length)}\n`);
};
const enforcer = createWebhook({
  url,
  secrets: parseSecrets(`whsec_${Buffer.alloc(32, 7).toString('base64')}`),
  allowPrivate: ['127.0.0.0/8'],
  allowHttp: true,
  timeoutMs: 5_000,
  clock: systemClock,
});
const topic = createKeyedTopic({ kafka: kafka(), topic: ledgerTopic, group, log });
const enforcement = openOnDuty({
  kafka,
  topic: requests,
  group: `${group}.enforce`,
  sessionTimeout: 6_000,
  log,
  tell: async () => undefined,
  start: (guard) =>
    startEnforcement({
      ledger: guard(createKafkaLedger(topic)),
      enforcer,
      clock: systemClock,
      random: Math.random,
      config: enforceConfig({ breaker: { count: 100_000, share: 1 } }),
      notices: async () => undefined,
      telemetry: createNoTelemetry(),
    }),
});
process.once('SIGTERM', () => {
  void enforcement
    .stop()
    .then(() => topic.close())
    .then(() => process.exit(0));
});
