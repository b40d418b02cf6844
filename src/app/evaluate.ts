import { writeFile } from 'node:fs/promises';
import type { EvaluationPage } from '../adapters/report/evaluation';
import { renderEvaluationHtml } from '../adapters/report/evaluation-html';
import { evaluationJson } from '../adapters/report/evaluation-json';
import { renderEvaluation } from '../adapters/report/evaluation-text';
import { many } from '../adapters/report/words';
import { grouped, progress } from '../adapters/terminal';
import type { Config } from '../config';
import type { ModelSettings } from '../detect/model';
import { FLEET_KEYS } from '../detect/score';
import type { UsageEvent } from '../domain/event';
import type { LogEntry } from '../engine';
import { createGrafter, createSurvey, type Graft, type Grafter } from '../evaluate/inject';
import { type EvaluateOptions, OperatorError, type RunEvaluate } from '../options';
import { type Known, readKnown, type StreamFiles, streamsOf } from './evaluate/inputs';
import { judgeAll, measure, type Seen } from './evaluate/judge-all';
import { alertingFrom, createObserver, type Observed } from './evaluate/observe';
import { configOf, createReader, type PassCounts, type Reader, type Take } from './evaluate/pass';
import { declaredFirst } from './inventory';
import { decidingModels } from './models';

/**
 * Labelled history through the same core as live, scored. The report goes to `out`, JSON and a page to the files that
 * the options name. Throws OperatorError when an input cannot be read, an output not written, or there is no event.
 */
export const runEvaluate: RunEvaluate = async (options) => {
  const config = configOf(options);
  const reader = createReader(options, config);
  const streams = streamsOf(options);
  const declared = await declaredFirst(config, (line) => options.terminal.err.write(`keywatch: ${line}\n`));
  const model = decidingModels(config.detect, (line) => options.terminal.err.write(`keywatch: ${line}\n`));
  const means = { options, config, reader, declared, model };
  const plains = new Map<string, Observed>();
  const inputs: Input[] = [];
  const seen: Seen[] = [];
  for (const stream of streams) {
    const input = { stream, known: await readKnown(stream), grafts: await chooseGrafts(stream, options, reader) };
    const run = await observe(input, means, (counts, observed) => talk(input, counts, observed, options));
    seen.push({ name: stream.name, ...run, plain: await observePlain(stream, plains, means) });
    inputs.push(input);
  }
  const judged = judgeAll(seen, options.seed, options.budget);
  const made = inputs.find(({ grafts }) => grafts !== undefined)?.grafts?.length;
  const page: EvaluationPage = {
    version: options.version,
    ...judged,
    choice: judged.choice && { ...judged.choice, measured: await measureAt(judged.choice.risk, inputs, means) },
    injected: made === undefined ? undefined : { asked: options.inject!, made, seed: options.seed },
  };
  if (options.json !== undefined) await save(options.json, evaluationJson(page));
  if (options.html !== undefined) await save(options.html, renderEvaluationHtml(page));
  const { terminal } = options;
  terminal.out.write(renderEvaluation(page, { width: terminal.width, colour: terminal.colour.out }));
};

interface Means {
  readonly options: EvaluateOptions;
  readonly config: Config;
  readonly reader: Reader;
  /** What comes before the first event of each stream. */
  readonly declared: readonly LogEntry[];
  readonly model: ModelSettings | undefined;
}

interface Input {
  readonly stream: StreamFiles;
  readonly known: Known;
  readonly grafts: readonly Graft[] | undefined;
}

/** Only the named files get thefts; a set has its own. */
async function chooseGrafts(
  stream: StreamFiles,
  options: EvaluateOptions,
  reader: Reader,
): Promise<readonly Graft[] | undefined> {
  if (options.inject === undefined || stream.files !== options.files) return undefined;
  const survey = createSurvey(options.seed);
  try {
    await reader.pass(stream.files, (events) => {
      for (const event of events) survey.see(event);
    });
  } catch (error) {
    if (error instanceof RangeError) throw new OperatorError(`--inject: the log holds ${error.message}`);
    throw error;
  }
  const grafts = survey.plan(options.inject);
  if (grafts.length > 0) return grafts;
  throw new OperatorError(
    '--inject: no theft could be made: the log needs several keys with a past of 50 requests and client addresses that begin later than the log',
  );
}

async function observe(
  { stream, known, grafts }: Input,
  { options, config, reader, declared, model }: Means,
  told: (counts: PassCounts, observed: Observed) => void,
): Promise<Pick<Seen, 'observed' | 'known' | 'attack'>> {
  const { terminal, seed } = options;
  const observer = createObserver(config, seed, declared, model);
  const grafter = grafts === undefined ? undefined : createGrafter(grafts);
  const attack: { key: string; ts: number }[] = [];
  let events = 0;
  const bar = progress({ stream: terminal.err as NodeJS.WriteStream, total: 1 });
  const take: Take = (slice, lines) => {
    events += slice.length;
    for (const [i, { key, ts }] of slice.entries()) if (known.attackLines?.has(lines[i]!)) attack.push({ key, ts });
    observer.see(grafter === undefined ? slice : graftAll(grafter, slice));
  };
  try {
    const counts = await reader.pass(stream.files, take, (share) => bar.update(share, events));
    if (grafter !== undefined) observer.see(grafter.rest());
    const observed = observer.finish();
    told(counts, observed);
    if (grafts === undefined) return { observed, known, attack: known.attackLines === undefined ? undefined : attack };
    return { observed, known: { ...known, labels: grafts.map((graft) => graft.label) }, attack: grafter!.attack };
  } finally {
    bar.finish();
  }
}

/** Runs the streams with thefts once more, with the chosen risk as policy. */
async function measureAt(
  risk: number | undefined,
  inputs: readonly Input[],
  means: Means,
): Promise<ReturnType<typeof measure>> {
  if (risk === undefined) return undefined;
  const config = alertingFrom(means.config, risk);
  const seen: Seen[] = [];
  for (const input of inputs) {
    if (input.known.labels.length === 0 && input.grafts === undefined) continue;
    const run = await observe(input, { ...means, config }, () => undefined);
    seen.push({ name: input.stream.name, ...run, plain: undefined });
  }
  return measure(seen, means.options.seed);
}

const graftAll = (grafter: Grafter, events: readonly UsageEvent[]): UsageEvent[] =>
  events.flatMap((event) => grafter.take(event));

/** Several sets may share their traffic without incidents: each is run once. */
async function observePlain(
  stream: StreamFiles,
  done: Map<string, Observed>,
  { options, config, reader, declared, model }: Means,
): Promise<Observed | undefined> {
  if (stream.plain === undefined) return undefined;
  const known = done.get(stream.plain);
  if (known !== undefined) return known;
  const observer = createObserver(config, options.seed, declared, model);
  await reader.pass([stream.plain], (events) => observer.see(events));
  const observed = observer.finish();
  done.set(stream.plain, observed);
  return observed;
}

/** What a person should know about the input, on `err`. Throws where there is nothing to evaluate. */
function talk({ stream, known }: Input, counts: PassCounts, observed: Observed, { terminal }: EvaluateOptions): void {
  const { name } = stream;
  const say = (line: string) => terminal.err.write(`keywatch: ${JSON.stringify(name)}: ${line}\n`);
  if (counts.rejected > 0) say(`${grouped(counts.rejected)} records could not be read; keywatch replay says why`);
  if (counts.noKey > 0) say(`${grouped(counts.noKey)} requests without a key were passed over`);
  if (observed.events === 0) throw new OperatorError(`${name}: no usage event found`);
  const keys = new Set(observed.keys);
  if (keys.size < FLEET_KEYS)
    say(`${many(keys.size, 'key')}: too few to compare one with the others, and for narrow intervals`);
  const strangers = known.labels.filter((label) => !keys.has(label.key)).length;
  if (strangers > 0) {
    say(`labels of keys that the stream does not hold: ${grouped(strangers)}; they count as missed`);
  }
}

async function save(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: NodeJS.ErrnoException) => {
    throw new OperatorError(`${path} cannot be written (${error.code ?? 'unknown'})`);
  });
}
