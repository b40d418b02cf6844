import { type EvaluateOptions, OperatorError } from '../options';
import { createMixer, type MixedRecord } from '../simulate/into';
import { surveyLog } from '../simulate/into-survey';
import { formatRecord, type TheftLabel } from '../simulate/simulate';
import { configOf, createReader } from './evaluate/pass';

export interface MixIntoOptions extends Pick<EvaluateOptions, 'files' | 'format' | 'stop'> {
  readonly seed: number;
  readonly thefts: number;
  /** Called before the first line is written. */
  readonly onLabels: (labels: readonly TheftLabel[]) => void;
  /** Lines of the mixed log, in order, without line feeds. */
  readonly write: (lines: readonly string[]) => Promise<void>;
}

/**
 * Reads a log twice and writes it with thefts in it. Answers the lines (from 0) of the thieves' requests. Throws
 * OperatorError when the log cannot be read, holds no event, or no theft can be made of it.
 */
export async function mixInto(options: MixIntoOptions): Promise<readonly number[]> {
  const { files, seed, thefts, onLabels, write } = options;
  const reader = createReader(options, configOf({ config: undefined }));
  const survey = surveyLog(seed);
  const mixer = await orExplain(async () => {
    await reader.pass(files, (events) => {
      for (const event of events) survey.see(event);
    });
    const facts = survey.facts();
    if (facts.keys.size === 0) throw new RangeError('no usage event found');
    return createMixer(facts, { seed, thefts });
  });
  onLabels(mixer.labels);
  const attack: number[] = [];
  let line = 0;
  const lines = (records: readonly MixedRecord[]): string[] =>
    records.map(({ record, theftId }) => {
      if (theftId !== undefined) attack.push(line);
      line++;
      return formatRecord(record);
    });
  await reader.pass(files, (events) => write(events.flatMap((event) => lines(mixer.take(event)))));
  await write(lines(mixer.rest()));
  return attack;
}

async function orExplain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw new OperatorError(`--into: ${error.message}`);
    throw error;
  }
}
