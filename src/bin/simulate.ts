import { writeFileSync } from 'node:fs';
import { type CommandContext, OperatorError } from '../options';
import { formatRecord, labels, type SimulateOptions, simulate } from '../simulate/simulate';
import type { Invocation } from './args';
import { exitCodes } from './help';
import { writeLines } from './output';

/** `keywatch simulate`: labels first, so that whoever reads the events finds them complete. */
export const simulateCommand = async (
  invocation: Extract<Invocation, { command: 'simulate' }>,
  { terminal, stop }: CommandContext,
): Promise<number> => {
  const { seed, keys, days, thefts, start } = invocation;
  const options: SimulateOptions = { seed, keys, days, thefts, ...(start === undefined ? {} : { start }) };
  try {
    if (invocation.labels !== undefined) {
      writeFileSync(
        invocation.labels,
        labels(options)
          .map((label) => `${JSON.stringify(label)}\n`)
          .join(''),
      );
    }
    await writeLines(terminal.out, recordLines(options), stop);
  } catch (error) {
    if (error instanceof RangeError) throw new OperatorError(`these options cannot be met: ${error.message}`);
    throw error;
  }
  return exitCodes.ok;
};

function* recordLines(options: SimulateOptions): Generator<string> {
  for (const { record } of simulate(options)) yield formatRecord(record);
}
