import { runReport } from '../app';
import type { CommandContext } from '../options';
import type { ReportInvocation } from './commands/report';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch report`: nothing is sent, so certificates of the configuration need not be there. */
export const report = async (invocation: ReportInvocation, context: CommandContext): Promise<number> => {
  const { command: _, config: path, format, ...rest } = invocation;
  const loaded =
    path === undefined ? { config: undefined } : loadOrExplain(path, context.terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  const { config } = loaded;
  await runReport({ ...context, ...rest, config, format: format ?? config?.ingest.format ?? 'auto' });
  return exitCodes.ok;
};
