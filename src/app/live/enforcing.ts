import { join } from 'node:path';
import { type Enforcement, startEnforcement } from '../../adapters/enforcement';
import { openEnforcer } from '../../adapters/enforcers/open';
import { createFileLedger } from '../../adapters/file/ledger';
import { createKafkaLedger } from '../../adapters/kafka/ledger';
import { endedProtection } from '../../adapters/protection';
import { resolveSecret } from '../../adapters/secrets';
import { parseSecrets } from '../../adapters/webhook/sign';
import { createWebhook } from '../../adapters/webhook/webhook';
import type { Config } from '../../config';
import { isKeyAction } from '../../domain/action';
import type { Clock, Enforcer, Ledger } from '../../ports';
import { STOP_MS } from '../drive';
import { kafkaOf } from '../outputs';
import type { Tell } from './alerts';
import type { Bridge } from './bridge';
import { openKeyedTopic } from './checkpoints';
import { type House, withinDrain } from './house';
import { openOnDuty } from './on-duty';

/** The second half: decides on requests, delivers what it accepted, releases what has run its time. */
export async function openEnforcement(
  house: House,
  tell: Tell,
  audited: (ledger: Ledger) => Ledger,
  bridge: Bridge,
): Promise<Enforcement> {
  const { config, clock, log, telemetry, parts, closing, patience } = house;
  const ended = endedProtection(config, clock.now());
  if (ended !== undefined) log.warn(ended);
  const enforcer = enforcerOf(config, clock);
  const shared = config.enforce.log.kind === 'kafka';
  const startOver = (ledger: Ledger) =>
    startEnforcement({
      ledger,
      enforcer,
      clock,
      random: Math.random,
      config: config.enforce,
      asked: [...config.policy.rules, ...(config.leaks === undefined ? [] : [config.leaks])]
        .map(({ action }) => action)
        .filter(isKeyAction),
      notices: tell,
      telemetry,
      quality: bridge.quality,
      outcomes: bridge.outcomes,
      witnessing: !shared,
    });
  const ledger = audited(
    shared ? createKafkaLedger(openKeyedTopic(house, config.enforce.log.ledgerTopic)) : fileLedger(config),
  );
  closing.push(() => ledger.close());
  if (enforcer !== undefined) closing.push(() => enforcer.close());
  const enforcement = shared ? onDuty(house, tell, (guard) => startOver(guard(ledger))) : await startOver(ledger);
  closing.push(async () => {
    // What has been accepted gets its attempt: after the end of a file there may be no next start.
    if (!patience.ended()) await withinDrain(clock, enforcement.idle());
    await patience.limit(enforcement.stop(), STOP_MS);
  });
  bridge.onReached((partition, ts) => enforcement.reached(partition, ts));
  parts.push({ name: 'enforcement', problem: () => enforcement.problem() });
  return enforcement;
}

const fileLedger = (config: Config): Ledger => createFileLedger(join(config.state.dir, 'ledger.log'));

/** The group's name is the source's with an end: rights for the prefix cover both. */
function onDuty(
  { config, kafkaLog }: House,
  tell: Tell,
  start: (guard: (ledger: Ledger) => Ledger) => Promise<Enforcement>,
): Enforcement {
  const { source, enforce } = config;
  if (source.kind !== 'kafka') throw new Error('enforce.log.kind: kafka needs a source of kind kafka');
  return openOnDuty({
    kafka: () => kafkaOf(source, kafkaLog),
    topic: enforce.log.requestsTopic,
    group: `${source.group}.enforce`,
    sessionTimeout: source.sessionTimeout,
    log: kafkaLog,
    start,
    tell,
  });
}

/** In dry run too: keys that were really suspended before the switch to dry run are still owed their release. */
function enforcerOf(config: Config, clock: Clock): Enforcer | undefined {
  const { webhook, via } = config.enforce;
  if (via !== undefined) return openEnforcer(via, clock);
  if (webhook === undefined) return undefined;
  return createWebhook({
    url: webhook.url,
    secrets: parseSecrets(resolveSecret(webhook.secretFrom)),
    allowPrivate: webhook.allowPrivate,
    allowHttp: webhook.allowHttp,
    actions: webhook.actions,
    timeoutMs: webhook.timeout,
    clock,
  });
}
