import { runDemo } from '../demo/demo';
import type { CommandContext } from '../options';
import { exitCodes } from './exit-codes';

/** `keywatch demo`. */
export const demo = async (seed: number, context: CommandContext): Promise<number> => {
  await runDemo({ ...context, seed });
  return exitCodes.ok;
};
