import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileCheckpointStore } from '../adapters/file/checkpoint';
import { ensureDirectory, listNames } from '../adapters/file/durable';
import { InputError, readHistory } from '../adapters/file/history';
import { lockState } from '../adapters/file/lock';
import { createGeoip } from '../adapters/geoip';
import { createInventoryStore } from '../adapters/inventory/store';
import { grouped, progress } from '../adapters/terminal';
import type { Config } from '../config';
import type { Engine, LogEntry } from '../engine';
import { createIngest, type Ingest } from '../ingest/ingest';
import { type CommandContext, OperatorError } from '../options';
import { createEngine, type Enrich, enriching } from './core';
import { configuredHasher } from './hashing';
import { declaredFirst } from './inventory';
import { learnedFacts } from './live/learning';
import { readModels } from './models';

export interface LearnOptions extends CommandContext {
  /** Files and directories; `-` is stdin. Never empty. */
  readonly files: readonly string[];
  readonly config: Config;
  /** Begins anew where there is a state already. */
  readonly force: boolean;
}

interface Tally {
  lines: number;
  rejected: number;
  alerts: number;
}

const YOUNG = 20;

/**
 * Takes in history as `run` would, without a word, and leaves the checkpoint that `run` then starts from: at the beginning of its
 * own log, with all that was learned. Nothing is sent and no action asked for. Throws OperatorError where there is a state
 * already, where another process uses it, or where an input cannot be read; then nothing has been changed.
 */
export async function runLearn(options: LearnOptions): Promise<void> {
  const { config, terminal, force } = options;
  const { dir } = config.state;
  if (config.source.kind === 'kafka' || config.state.checkpoints.kind !== 'folder') {
    throw new OperatorError(
      'learn takes files for a source that is a file or standard input; with Kafka set state.learnHistory: true and source.start: earliest',
    );
  }
  await ensureDirectory(dir);
  const unlock = await lockState(dir).catch((error) => {
    throw new OperatorError(error instanceof Error ? error.message : String(error));
  });
  try {
    if (!force && (await hasState(dir))) {
      throw new OperatorError(`${dir} holds a state already; --force begins anew, and forgets what it has learned`);
    }
    const { engine, tally } = await learn(options);
    if (force) await clear(dir);
    const pieces = [Buffer.from(engine.checkpoint())];
    await createFileCheckpointStore(join(dir, 'checkpoints')).save(0, { next: engine.next, pieces });
    terminal.out.write(report(engine, tally));
  } finally {
    await unlock();
  }
}

async function learn({ config, files, terminal, stop }: LearnOptions): Promise<{ engine: Engine; tally: Tally }> {
  // With its model, as `run` builds it: without, the model's columns would be missing and start anew there.
  const { models, standings } = readModels(config.detect);
  for (const { fault } of standings)
    if (fault !== undefined) terminal.err.write(`keywatch: without the model: ${fault}\n`);
  const engine = createEngine(config, 0, models && { models });
  const declared = await declaredFirst(config, (line) => terminal.err.write(`keywatch: ${line}\n`));
  for (const entry of declared) {
    if (entry.kind === 'inventory')
      await createInventoryStore(join(config.state.dir, 'inventory')).save(entry.inventory);
  }
  engine.advance([...declared, { kind: 'command', command: { type: 'history', until: Number.MAX_SAFE_INTEGER } }]);
  const ingest = ingestOf(config);
  const peek = ingestOf(config);
  const enrich = enriching(createGeoip(), config);
  const tally: Tally = { lines: 0, rejected: 0, alerts: 0 };
  const bar = progress({ stream: terminal.err as NodeJS.WriteStream });
  try {
    const slices = readHistory(files, {
      timeOf: (line) => {
        const first = peek.ingest(line)[0];
        return first?.kind === 'event' ? first.event.ts : undefined;
      },
      maxLineBytes: config.ingest.maxRecordBytes,
      stdin: process.stdin,
    });
    for await (const { lines, bytesRead, bytesTotal } of slices) {
      stop.throwIfAborted();
      const { alerts } = engine.advance(entriesOf(lines, ingest, enrich, engine, tally));
      tally.alerts += alerts.filter(({ event }) => event.kind === 'alert').length;
      bar.update(bytesTotal === undefined ? 0 : bytesRead / bytesTotal, tally.lines);
    }
  } catch (error) {
    if (error instanceof InputError || (error as NodeJS.ErrnoException).code !== undefined)
      throw new OperatorError((error as Error).message);
    throw error;
  } finally {
    bar.finish();
  }
  engine.advance([
    { kind: 'tick', ts: engine.watermark },
    { kind: 'command', command: { type: 'history', until: 0 } },
  ]);
  return { engine, tally };
}

function entriesOf(lines: readonly Buffer[], ingest: Ingest, enrich: Enrich, engine: Engine, tally: Tally): LogEntry[] {
  const entries: LogEntry[] = [];
  for (const line of lines) {
    const offset = tally.lines++;
    for (const result of ingest.ingest(line)) {
      if (result.kind === 'event')
        entries.push({ kind: 'event', offset, event: enrich(result.event, engine), timestamp: undefined });
      else if (result.kind === 'rejected') tally.rejected++;
    }
  }
  return entries;
}

const ingestOf = ({ ingest }: Config): Ingest => createIngest({ ...ingest, hashKey: configuredHasher(ingest) });

/** What says how far a log was read, and what was learned of it. */
const PARTS = ['checkpoints', 'journal.log', 'source'] as const;

async function hasState(dir: string): Promise<boolean> {
  return (await listNames(join(dir, 'checkpoints'))).length + (await listNames(join(dir, 'source'))).length > 0;
}

async function clear(dir: string): Promise<void> {
  for (const name of PARTS) await rm(join(dir, name), { recursive: true, force: true });
}

function report(engine: Engine, { lines, rejected, alerts }: Tally): string {
  const { events, from, to, keys, mature, young, youngest } = learnedFacts(engine.learning.learned(YOUNG));
  const rows: (readonly [string, string])[] = [
    ['records', `${grouped(lines)}, ${grouped(rejected)} of them could not be read`],
    ['events', from === undefined ? 'none' : `${grouped(events)}, from ${from} to ${to}`],
    ['keys', `${grouped(keys)}: ${grouped(mature)} mature, ${grouped(young)} too young to be acted on`],
    ...(youngest.length === 0 ? [] : [['young', youngest.join(', ')] as const]),
    ['not told', `${grouped(alerts)} alerts; keywatch replay --report shows them`],
  ];
  return `Learned from history.\n${rows.map(([what, text]) => `  ${what.padEnd(10)}${text}`).join('\n')}\n`;
}
