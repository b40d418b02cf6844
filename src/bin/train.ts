import { runTrain } from '../app';
import type { CommandContext } from '../options';
import type { TrainInvocation } from './commands/train';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch train`: nothing is sent, so the secrets and certificates of the configuration need not be there. */
export const train = async (invocation: TrainInvocation, context: CommandContext): Promise<number> => {
  const { command: _, config: path, format, ...rest } = invocation;
  const loaded =
    path === undefined ? { config: undefined } : loadOrExplain(path, context.terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  const { config } = loaded;
  await runTrain({ ...context, ...rest, config, format: format ?? config?.ingest.format ?? 'auto' });
  return exitCodes.ok;
};
