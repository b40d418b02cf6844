import { runDemo } from '../demo/demo';
import type { CommandContext } from '../options';
import { exitCodes } from './help';

/** `keywatch demo`. */
export const demo = async (seed: number, context: CommandContext): Promise<number> => {
  await runDemo({ ...context, seed });
  return exitCodes.ok;
};
