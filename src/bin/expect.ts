import { leaveCommand } from '../adapters/file/commands';
import { safeText } from '../adapters/terminal';
import type { CommandContext } from '../options';
import type { ExpectInvocation } from './commands/expect';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

const DAY = 86_400_000;

/** `keywatch expect KEY`: leaves the declaration in the state directory, for the running process to take up. */
export const expect = async (invocation: ExpectInvocation, { terminal }: CommandContext): Promise<number> => {
  const loaded = loadOrExplain(invocation.config, terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  const { key, facets } = invocation;
  const now = Date.now();
  const until = invocation.until ?? now + DAY;
  if (until <= now) {
    terminal.err.write('keywatch: --until lies in the past\n');
    return exitCodes.usage;
  }
  const by = invocation.by ?? 'a person with access to the state directory';
  await leaveCommand(loaded.config.state.dir, { type: 'expect', key, facets: [...facets], until, by }, now);
  terminal.out.write(
    `${safeText(key, 200)}: ${facets.join(', ')} may change until ${new Date(until).toISOString()}; in force within seconds where keywatch runs\n`,
  );
  return exitCodes.ok;
};
