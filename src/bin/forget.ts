import { join } from 'node:path';
import { leaveCommand } from '../adapters/file/commands';
import { peekLedger } from '../adapters/file/peek-ledger';
import { safeText } from '../adapters/terminal';
import { recordOf, replayLedger } from '../enforce/state';
import type { CommandContext } from '../options';
import type { ForgetInvocation } from './commands/forget';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch forget KEY`: 0 when the command lies in the state directory, 1 while an action against the key is in force. */
export const forget = async (invocation: ForgetInvocation, { terminal }: CommandContext): Promise<number> => {
  const loaded = loadOrExplain(invocation.config, terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  const { key, force } = invocation;
  const { dir } = loaded.config.state;
  const shown = safeText(key, 200);
  const { live } = recordOf(replayLedger(await peekLedger(join(dir, 'ledger.log'))), key);
  if (live.length > 0 && !force) {
    terminal.err.write(
      `keywatch: ${shown} is not forgotten: ${live[0].request.action} is in force against it, and its release needs the key\n` +
        '          release it first (or wait until it has run its time), then ask again;\n' +
        '          with --force all but what the release needs is forgotten now\n',
    );
    return exitCodes.fault;
  }
  const by = invocation.by ?? 'a person with access to the state directory';
  await leaveCommand(dir, { type: 'forget', key, by: by.slice(0, 256), force }, Date.now());
  const rest = loaded.config.inventory === undefined ? '' : ' Take it out of the inventory too, if it stands there.';
  terminal.out.write(`${shown} is forgotten within seconds where keywatch runs, else after its next start.${rest}\n`);
  return exitCodes.ok;
};
