import type { Enforcement } from '../../adapters/enforcement';
import { keepTombstone } from '../../adapters/file/tombstones';
import { resolveSecret } from '../../adapters/secrets';
import type { Forget } from '../../domain/command';
import type { Audit } from '../../ports';
import { forgetting } from '../forgetting';
import type { Alerts } from './alerts';
import type { Detecting } from './detecting';
import type { House } from './house';

/** The checkpoint of before is kept beside the newest: after two there is none of before. */
const CHECKPOINTS = 2;

/** Brings a command to forget a key to every part of the process that keeps something of keys. */
export function openForgetting(
  { config, clock, log }: House,
  alerts: Alerts,
  enforcement: Pick<Enforcement, 'forget'>,
  { runtime, inventories }: Detecting,
  audit: Audit,
): (forget: Forget) => Promise<boolean> {
  const from = config.privacy.pepperFrom ?? config.ingest.pepperFrom;
  return forgetting({
    state: (command) => runtime.command(command),
    enforcement: (key, as, force) => enforcement.forget(key, as, force),
    alerts: alerts.forget,
    async copies() {
      for (let i = 0; i < CHECKPOINTS; i++) await runtime.close();
      await inventories.keepOnly(runtime.inventories());
    },
    keep: (tombstone) => keepTombstone(config.state.dir, tombstone),
    audit,
    pepper: from === undefined ? undefined : Buffer.from(resolveSecret(from), 'utf8'),
    now: clock.now,
    log,
  });
}
