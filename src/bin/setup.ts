import { SetupFault } from '../adapters/elasticsearch/setup';
import { SecretError } from '../adapters/secrets';
import { setUp } from '../app/setup';
import { setUpKafka } from '../app/setup-kafka';
import { type CommandContext, OperatorError } from '../options';
import type { SetupInvocation } from './commands/setup';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch setup WHAT`: 0 when everything is in place, 1 when the server refuses, 2 for the configuration. */
export const setup = async (invocation: SetupInvocation, context: CommandContext): Promise<number> => {
  const { config: path, dryRun, apiKeyFrom, basicFrom } = invocation;
  // The credentials of daily use may not exist yet: only those that are used now are read.
  const loaded = loadOrExplain(path, context.terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  if (invocation.what === 'kafka') {
    await setUpKafka(loaded.config, dryRun, context);
    return exitCodes.ok;
  }
  const outputs = loaded.config.alerts.filter((output) => output.kind === 'elasticsearch');
  if (outputs.length === 0) {
    context.terminal.err.write(`keywatch: ${path}: alerts has no output of kind elasticsearch\n`);
    return exitCodes.configuration;
  }
  try {
    await setUp({ ...context, outputs, dryRun, apiKeyFrom, basicFrom });
  } catch (error) {
    if (error instanceof SetupFault || error instanceof SecretError) throw new OperatorError(error.message);
    throw error;
  }
  return exitCodes.ok;
};
