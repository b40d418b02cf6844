import { faultText, loadConfig } from '../adapters/config-file';
import { runLive } from '../app';
import type { Config } from '../config';
import type { Role } from '../config/log';
import { detectors } from '../detect/registry';
import type { CommandContext } from '../options';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch run`: 0 after a graceful stop. */
export const run = async (
  { config: path, role }: { readonly config: string; readonly role: Role | undefined },
  context: CommandContext,
): Promise<number> => {
  const loaded = loadOrExplain(path, context.terminal);
  if (loaded === undefined) return exitCodes.configuration;
  if (role !== undefined && (loaded.config.source.kind !== 'kafka' || loaded.config.source.log === undefined)) {
    context.terminal.err.write(`keywatch: --role needs source.log, which ${path} does not have\n`);
    return exitCodes.configuration;
  }
  const names = detectors.map((detector) => detector.name);
  await runLive(withRole(loaded.config, role), context, {
    path,
    load() {
      const again = loadConfig(path, { detectors: names });
      return again.ok
        ? { ...again, config: withRole(again.config, role) }
        : { ok: false, faults: again.faults.map(faultText) };
    },
  });
  return exitCodes.ok;
};

/** The configuration with one half of the work alone. */
function withRole(config: Config, role: Role | undefined): Config {
  const { source } = config;
  if (role === undefined || source.kind !== 'kafka' || source.log === undefined) return config;
  return { ...config, source: { ...source, log: { ...source.log, roles: [role] } } };
}
