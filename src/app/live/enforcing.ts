import { join } from 'node:path';
import { type Enforcement, startEnforcement } from '../../adapters/enforcement';
import { createFileLedger } from '../../adapters/file/ledger';
import { resolveSecret } from '../../adapters/secrets';
import { parseSecrets } from '../../adapters/webhook/sign';
import { createWebhook } from '../../adapters/webhook/webhook';
import type { Config } from '../../config';
import type { Clock, Enforcer, Ledger } from '../../ports';
import { STOP_MS } from '../drive';
import type { Tell } from './alerts';
import { type House, withinDrain } from './house';

/** The second half: decides on requests, delivers what it accepted, releases what has run its time. */
export async function openEnforcement(
  house: House,
  tell: Tell,
  audited: (ledger: Ledger) => Ledger,
): Promise<Enforcement> {
  const { config, clock, telemetry, parts, closing, patience } = house;
  const ledger = audited(createFileLedger(join(config.state.dir, 'ledger.log')));
  closing.push(() => ledger.close());
  const enforcer = webhookOf(config, clock);
  if (enforcer !== undefined) closing.push(() => enforcer.close());
  const enforcement = await startEnforcement({
    ledger,
    enforcer,
    clock,
    random: Math.random,
    config: config.enforce,
    notices: tell,
    telemetry,
  });
  closing.push(async () => {
    // What has been accepted gets its attempt: after the end of a file there may be no next start.
    if (!patience.ended()) await withinDrain(clock, enforcement.idle());
    await patience.limit(enforcement.stop(), STOP_MS);
  });
  parts.push({ name: 'enforcement', problem: () => enforcement.problem() });
  return enforcement;
}

/** In dry run too: keys that were really suspended before the switch to dry run are still owed their release. */
function webhookOf(config: Config, clock: Clock): Enforcer | undefined {
  const { webhook } = config.enforce;
  if (webhook === undefined) return undefined;
  return createWebhook({
    url: webhook.url,
    secrets: parseSecrets(resolveSecret(webhook.secretFrom)),
    allowPrivate: webhook.allowPrivate,
    allowHttp: webhook.allowHttp,
    timeoutMs: webhook.timeout,
    clock,
  });
}
