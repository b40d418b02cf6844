import { runLive } from '../app';
import type { CommandContext } from '../options';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch run`: 0 after a graceful stop. */
export const run = async (path: string, context: CommandContext): Promise<number> => {
  const loaded = loadOrExplain(path, context.terminal);
  if (loaded === undefined) return exitCodes.configuration;
  await runLive(loaded.config, context);
  return exitCodes.ok;
};
