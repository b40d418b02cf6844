import { runReplay } from '../app';
import type { CommandContext } from '../options';
import type { ReplayInvocation } from './commands/replay';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch replay`: nothing is sent, so the secrets and certificates of the configuration need not be there. */
export const replay = async (invocation: ReplayInvocation, context: CommandContext): Promise<number> => {
  const { files, partitions, report } = invocation;
  const loaded =
    invocation.config === undefined
      ? { config: undefined }
      : loadOrExplain(invocation.config, context.terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  const { config } = loaded;
  const format = invocation.format ?? config?.ingest.format ?? 'auto';
  await runReplay({ ...context, files, config, format, partitions, report });
  return exitCodes.ok;
};
