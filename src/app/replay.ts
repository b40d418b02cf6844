import { enforceSettings } from '../adapters/enforcement';
import { InputError, readHistory } from '../adapters/file/history';
import { createGeoip } from '../adapters/geoip';
import { type ReportTotals, renderReport } from '../adapters/report/text';
import { grouped, progress } from '../adapters/terminal';
import { type Config, configSchema } from '../config';
import type { ActionRequest } from '../domain/action';
import type { AlertDocument } from '../domain/alert';
import type { RejectReason } from '../domain/rejection';
import { noticesOf } from '../enforce/notice';
import { decideAll } from '../enforce/rails';
import { emptyState } from '../enforce/state';
import type { Effects, Engine, LogEntry } from '../engine';
import { createIngest, type Ingest } from '../ingest/ingest';
import { OperatorError, type ReplayOptions, type RunReplay } from '../options';
import { hashText } from '../stats/hash';
import { createEngine, type Enrich, enriching } from './core';
import { configuredHasher, passingHasher } from './hashing';
import { declaredFirst } from './inventory';
import { decidingModels } from './models';

/** What a replay gathers besides what it prints. */
interface Tally {
  events: number;
  noKey: number;
  late: number;
  from: number | undefined;
  until: number | undefined;
  lines: number;
  readonly rejected: Map<RejectReason, { count: number; line: number; detail: string }>;
}

/**
 * History through the same core as live. Alerts and would-be actions go to `out` as NDJSON as they fall, or as a page at
 * the end. Nothing is sent, written or remembered. Throws OperatorError when an input cannot be read.
 */
export const runReplay: RunReplay = async (options) => {
  const { terminal, stop } = options;
  const config = options.config ?? configSchema.parse({ source: { kind: 'stdin' } });
  const passing = passingHasher();
  const ingest = ingestOf(config, options, passing.hash);
  const model = decidingModels(config.detect, (line) => terminal.err.write(`keywatch: ${line}\n`));
  const engines = Array.from({ length: options.partitions }, (_, partition) => createEngine(config, partition, model));
  const place = enriching(createGeoip(), config);
  const declared = await declaredFirst(config, (line) => terminal.err.write(`keywatch: ${line}\n`));
  for (const engine of engines) engine.advance(declared);
  const tally: Tally = {
    events: 0,
    noKey: 0,
    late: 0,
    from: undefined,
    until: undefined,
    lines: 0,
    rejected: new Map(),
  };
  const alerts: AlertDocument[] = [];
  const requests: ActionRequest[] = [];
  const take = async (effects: Effects) => {
    tally.events += effects.events;
    tally.late += effects.late;
    if (options.report) {
      alerts.push(...effects.alerts);
      requests.push(...effects.requests);
    } else if (effects.alerts.length > 0) await write(options, effects, config);
  };

  const bar = progress({ stream: terminal.err as NodeJS.WriteStream });
  try {
    const peek = ingestOf(config, options, passing.hash);
    const timeOf = (line: Buffer) => {
      const first = peek.ingest(line)[0];
      return first?.kind === 'event' ? first.event.ts : undefined;
    };
    const slices = readHistory(options.files, {
      timeOf,
      maxLineBytes: config.ingest.maxRecordBytes,
      stdin: process.stdin,
    });
    for await (const slice of slices) {
      if (stop.aborted) break;
      const first = tally.lines;
      const byPartition = decode(slice.lines, ingest, place, engines, tally);
      for (let p = 0; p < engines.length; p++) {
        const end = { next: first + slice.lines.length, cursor: '' };
        if (byPartition[p].length > 0) await take(engines[p].advance(byPartition[p], end));
      }
      bar.update(slice.bytesTotal === undefined ? 0 : slice.bytesRead / slice.bytesTotal, tally.events);
    }
    for (const engine of engines) await take(engine.advance([{ kind: 'tick', ts: engine.watermark }]));
  } catch (error) {
    // What an input is wrong about is the operator's to mend; only our own faults deserve a stack.
    if (error instanceof InputError || isSystemError(error)) throw new OperatorError(error.message);
    throw error;
  } finally {
    bar.finish();
  }
  stop.throwIfAborted();
  if (options.report)
    terminal.out.write(renderReport({ alerts, requests, totals: totalsOf(tally, engines) }, styleOf(options)));
  if (options.format === 'auto' && ingest.format() !== 'auto')
    terminal.err.write(`keywatch: format ${ingest.format()}, ${ingest.formatReason()}\n`);
  talk(options, tally, ingest, passing.used() && config.ingest.pepperFrom === undefined);
};

function ingestOf(config: Config, options: ReplayOptions, passing: (raw: string) => string): Ingest {
  const { mapping, keyIs, keyField, trustedProxies, maxRecordBytes } = config.ingest;
  return createIngest({
    format: options.format,
    mapping,
    keyIs,
    keyField,
    hashKey: configuredHasher(config.ingest) ?? passing,
    trustedProxies,
    maxRecordBytes,
  });
}

/** Lines to log entries, divided by key. Offsets are line numbers, from 0. */
function decode(
  lines: readonly Buffer[],
  ingest: Ingest,
  place: Enrich,
  engines: readonly Engine[],
  tally: Tally,
): LogEntry[][] {
  const entries: LogEntry[][] = Array.from({ length: engines.length }, () => []);
  for (const line of lines) {
    const offset = tally.lines++;
    for (const result of ingest.ingest(line)) {
      if (result.kind === 'event') {
        const partition = engines.length === 1 ? 0 : hashText(result.event.key) % engines.length;
        const event = place(result.event, engines[partition]);
        if (tally.from === undefined || event.ts < tally.from) tally.from = event.ts;
        if (tally.until === undefined || event.ts > tally.until) tally.until = event.ts;
        entries[partition].push({ kind: 'event', offset, event, timestamp: undefined });
      } else if (result.kind === 'no-key') tally.noKey++;
      else {
        const { reason, detail } = result.rejection;
        const known = tally.rejected.get(reason);
        if (known === undefined) tally.rejected.set(reason, { count: 1, line: offset + 1, detail });
        else known.count++;
      }
    }
  }
  return entries;
}

/** A would-be action is what Enforce would note of the request in dry run, at the event time of the decision. */
async function write({ terminal }: ReplayOptions, effects: Effects, config: Config): Promise<void> {
  const context = { settings: { ...enforceSettings(config.enforce), mode: 'dry-run' as const }, lagging: false };
  const documents: AlertDocument[] = [...effects.alerts];
  for (const request of effects.requests) {
    const outcomes = decideAll(emptyState, [request], request.decidedAt, context);
    documents.push(...noticesOf(emptyState, outcomes, 'dry-run'));
  }
  const text = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
  if (!terminal.out.write(text)) await new Promise<void>((resolve) => terminal.out.once('drain', resolve));
}

function totalsOf(tally: Tally, engines: readonly Engine[]): ReportTotals {
  let rejected = 0;
  for (const { count } of tally.rejected.values()) rejected += count;
  return {
    events: tally.events,
    keys: engines.reduce((sum, engine) => sum + engine.keys, 0),
    mature: engines.reduce((sum, engine) => sum + engine.matureKeys(), 0),
    from: tally.from,
    until: tally.until,
    rejected,
    noKey: tally.noKey,
    late: tally.late,
  };
}

function styleOf({ terminal }: ReplayOptions) {
  return { width: terminal.width, colour: terminal.colour.out };
}

/** What a person should know about the input, on `err`. */
function talk({ terminal }: ReplayOptions, tally: Tally, ingest: Ingest, passingHashes: boolean): void {
  const say = (line: string) => terminal.err.write(`keywatch: ${line}\n`);
  for (const [reason, { count, line, detail }] of tally.rejected) {
    say(`${grouped(count)} records could not be read (${reason}; first at line ${grouped(line)}: ${detail})`);
  }
  if (tally.noKey > 0) say(`${grouped(tally.noKey)} requests without a key were passed over`);
  if (tally.late > 0) say(`${grouped(tally.late)} events came later than detect.lateness allows and were not used`);
  if (tally.events === 0) say(`no usage event found (format ${ingest.format()}: ${ingest.formatReason()})`);
  if (passingHashes) say('raw keys were hashed with a pepper of this run; set ingest.pepperFrom for stable key ids');
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}
