import { faultText } from '../adapters/config-file';
import { loadPolicy } from '../adapters/policy-file';
import { runPolicyReplay, runReplay } from '../app';
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
  if (invocation.policy === undefined) {
    await runReplay({ ...context, files, config, format, partitions, report });
    return exitCodes.ok;
  }
  const policy = loadPolicy(invocation.policy);
  if (!policy.ok) {
    for (const fault of policy.faults) {
      const line = fault.line === undefined ? '' : `:${fault.line}`;
      context.terminal.err.write(`${invocation.policy}${line}: ${faultText(fault)}\n`);
    }
    return exitCodes.configuration;
  }
  await runPolicyReplay({ ...context, files, config, format, proposed: policy.proposed, json: invocation.json });
  return exitCodes.ok;
};
