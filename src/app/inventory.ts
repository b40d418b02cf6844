import { watchDeclared } from '../adapters/inventory/declared';
import type { Config } from '../config';
import type { LogEntry } from '../engine';
import { OperatorError } from '../options';

const SHOWN = 5;

/**
 * What is declared, as the first entry of a log from the past; none where nothing is configured. `tell` hears of lines
 * that are not used. Throws OperatorError when a file cannot be read.
 */
export async function declaredFirst(
  config: Pick<Config, 'inventory' | 'addressLists'>,
  tell: (line: string) => void,
): Promise<readonly LogEntry[]> {
  const look = watchDeclared(config, { now: () => 0 }, (file, reason) => {
    throw new OperatorError(`${file}: ${reason}`);
  });
  const declared = await look();
  if (declared === undefined) return [];
  const { inventory, bad } = declared;
  for (const { file, line, reason } of bad.slice(0, SHOWN)) tell(`${file}:${line}: ${reason}; not used`);
  if (bad.length > SHOWN) tell(`${bad.length - SHOWN} more lines of what is declared are not used`);
  return [{ kind: 'inventory', inventory }];
}
