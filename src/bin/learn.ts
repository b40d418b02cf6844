import { runLearn } from '../app';
import type { CommandContext } from '../options';
import type { LearnInvocation } from './commands/learn';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch learn`: 0 when the state directory holds what was learned. */
export const learn = async (invocation: LearnInvocation, context: CommandContext): Promise<number> => {
  // With all its secrets: keys and addresses that are hashed must be so as `run` will hash them.
  const loaded = loadOrExplain(invocation.config, context.terminal);
  if (loaded === undefined) return exitCodes.configuration;
  await runLearn({ ...context, files: invocation.files, config: loaded.config, force: invocation.force });
  return exitCodes.ok;
};
