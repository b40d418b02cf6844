import { changedSections, digestsOf } from '../../adapters/audit/config-digest';
import { watchFile } from '../../adapters/inventory/watch';
import type { Config } from '../../config';
import type { Policy } from '../../domain/policy';
import type { Reread } from '../../options';
import type { Runtime } from '../../runtime';
import type { House } from './house';

const LOOK_MS = 5_000;
/** A policy written to an internal log comes back from there; only then is it asked for once more. */
const AGAIN_MS = 60_000;

const digestOf = (policy: Policy): string => digestsOf({ policy }).policy;

/**
 * The policy of the configuration file, brought into the running process when the file has changed: a command at its place in
 * every partition's log, audited like any other. Also after a restart: a checkpoint has the policy that was in force at its
 * place. A file with a fault changes nothing; sections besides `policy` wait for a restart, which is said. To be called every few
 * seconds.
 */
export function openPolicy(
  { config, clock, log }: Pick<House, 'config' | 'clock' | 'log'>,
  runtime: Pick<Runtime, 'policies'>,
  commands: Pick<Runtime, 'command'>,
  reread: Reread | undefined,
): () => Promise<void> {
  let wanted = config.policy;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asked = '';
  const read = async () => {
    const loaded = reread!.load();
    if (loaded.ok) return loaded.config;
    throw new Error(loaded.faults.slice(0, 5).join('; '));
  };
  const look =
    reread &&
    watchFile<Config>(reread.path, LOOK_MS, clock, read, (reason) =>
      log.error({ file: reread.path, reason }, 'the configuration file has a fault; what is in force stays in force'),
    );

  return async () => {
    const { changed, value } = (await look?.()) ?? { changed: false, value: undefined };
    if (changed && value !== undefined) {
      wanted = value.policy;
      const waiting = changedSections(digestsOf(config), digestsOf(value)).filter((section) => section !== 'policy');
      if (waiting.length > 0)
        log.warn({ sections: waiting }, 'sections of the configuration file have changed; they need a restart');
    }
    const digest = digestOf(wanted);
    if (runtime.policies().every((policy) => digestOf(policy) === digest)) return;
    if (asked === digest && clock.now() - askedAt < AGAIN_MS) return;
    const partitions = await commands.command({ type: 'policy', policy: wanted, by: 'the configuration file' });
    if (partitions === 0) return;
    asked = digest;
    askedAt = clock.now();
    log.info({ policy: digest, partitions }, 'a policy is in force from here on');
  };
}
