import { writeFileSync } from 'node:fs';
import { mixInto } from '../app';
import { type CommandContext, OperatorError } from '../options';
import { formatRecord, labels, newcomers, type SimulateOptions, simulate } from '../simulate/simulate';
import type { SimulateInvocation } from './commands/simulate';
import { exitCodes } from './exit-codes';
import { writeLines } from './output';

const DAY = 86_400_000;

/** `keywatch simulate`: labels first, so that whoever reads the events finds them complete. */
export const simulateCommand = async (
  invocation: SimulateInvocation,
  { terminal, stop }: CommandContext,
): Promise<number> => {
  if (invocation.into.length > 0) return mix(invocation, { terminal, stop });
  const { seed, keys, days, thefts, start, rate } = invocation;
  const options: SimulateOptions = {
    seed,
    keys,
    days,
    thefts,
    ratePerKeyDay: rate,
    ...(start === undefined ? {} : { start }),
  };
  try {
    if (invocation.labels !== undefined) writeFileSync(invocation.labels, ndjson(labels(options)));
    if (invocation.newcomers !== undefined) writeFileSync(invocation.newcomers, ndjson(newcomerLines(options)));
    const attack: number[] = [];
    await writeLines(terminal.out, recordLines(options, attack), stop);
    if (invocation.attackLines !== undefined) writeFileSync(invocation.attackLines, JSON.stringify(attack));
  } catch (error) {
    if (error instanceof RangeError) throw new OperatorError(`these options cannot be met: ${error.message}`);
    throw error;
  }
  return exitCodes.ok;
};

/** `keywatch simulate --into`. */
async function mix(
  invocation: SimulateInvocation,
  { terminal, stop }: Pick<CommandContext, 'terminal' | 'stop'>,
): Promise<number> {
  const { into, format = 'auto', seed, thefts } = invocation;
  const attack = await mixInto({
    files: into,
    format,
    seed,
    thefts,
    stop,
    onLabels: (found) => writeFileSync(invocation.labels!, ndjson(found)),
    write: (lines) => writeLines(terminal.out, lines, stop),
  });
  if (invocation.attackLines !== undefined) writeFileSync(invocation.attackLines, JSON.stringify(attack));
  return exitCodes.ok;
}

const ndjson = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** As `keywatch evaluate --newcomers` takes them: what begins is new for a day. */
const newcomerLines = (options: SimulateOptions): readonly object[] =>
  newcomers(options).map(({ key, at, kind }) => ({
    key,
    first: new Date(at).toISOString(),
    last: new Date(at + DAY).toISOString(),
    kind,
  }));

function* recordLines(options: SimulateOptions, attack: number[]): Generator<string> {
  let line = 0;
  for (const { record, theftId } of simulate(options)) {
    if (theftId !== undefined) attack.push(line);
    line++;
    yield formatRecord(record);
  }
}
