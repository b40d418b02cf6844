import { faultText, loadConfig } from '../adapters/config-file';
import { runLive } from '../app';
import { detectors } from '../detect/registry';
import type { CommandContext } from '../options';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch run`: 0 after a graceful stop. */
export const run = async (path: string, context: CommandContext): Promise<number> => {
  const loaded = loadOrExplain(path, context.terminal);
  if (loaded === undefined) return exitCodes.configuration;
  const names = detectors.map((detector) => detector.name);
  await runLive(loaded.config, context, {
    path,
    load() {
      const again = loadConfig(path, { detectors: names });
      return again.ok ? again : { ok: false, faults: again.faults.map(faultText) };
    },
  });
  return exitCodes.ok;
};
