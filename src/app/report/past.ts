import { join } from 'node:path';
import { peekIncidents } from '../../adapters/file/peek-incidents';
import { peekLedger } from '../../adapters/file/peek-ledger';
import { grouped, progress } from '../../adapters/terminal';
import type { Config } from '../../config';
import type { Outcome } from '../../domain/action';
import type { UsageEvent } from '../../domain/event';
import { type Inventory, noInventory } from '../../domain/inventory';
import { Incidents } from '../../enforce/incidents';
import type { Engine, LogEntry } from '../../engine';
import { OperatorError, type ReportOptions } from '../../options';
import { concealing } from '../concealing';
import { createEngine } from '../core';
import { configOf, createReader } from '../evaluate/pass';
import { declaredFirst } from '../inventory';

/** What a report looks at: the retained input, what is declared, what the state directory tells. */
export interface Past {
  readonly config: Config;
  readonly inventory: Inventory;
  readonly declared: readonly LogEntry[];
  readonly files: readonly string[];
  /** The present of the report, milliseconds: `--at`, else the wall clock. */
  readonly present: number;
  /** Replaces what may not be kept of an address; call it once an event. */
  readonly conceal: (event: UsageEvent) => UsageEvent;
  /** A pass over the input with progress on `err`. Rejects with OperatorError where a file cannot be read. */
  pass(take: (events: readonly UsageEvent[]) => void): Promise<void>;
  /** Read beside a running process, without its lock; empty without a configuration. */
  incidents(): Promise<Incidents>;
  ledger(): Promise<readonly Outcome[]>;
}

export async function openPast(options: ReportOptions): Promise<Past> {
  const config = configOf(options);
  const files = filesOf(options);
  const say = (line: string) => options.terminal.err.write(`keywatch: ${line}\n`);
  const declared = await declaredFirst(config, say);
  const first = declared[0];
  const { most, keep } = config.state.incidents;
  const reader = createReader({ format: options.format, stop: options.stop }, config);
  const ofState = (name: string) => join(config.state.dir, name);
  return {
    config,
    inventory: first?.kind === 'inventory' ? first.inventory : noInventory,
    declared,
    files,
    present: options.at ?? Date.now(),
    conceal: concealed(config, declared),
    async pass(take) {
      const bar = progress({ stream: options.terminal.err as NodeJS.WriteStream, total: 1 });
      let events = 0;
      try {
        const counts = await reader.pass(
          files,
          (read) => {
            events += read.length;
            take(read);
          },
          (share) => bar.update(share, events),
        );
        if (counts.rejected > 0) say(`${grouped(counts.rejected)} records could not be read; keywatch replay says why`);
        if (counts.noKey > 0) say(`${grouped(counts.noKey)} requests without a key were passed over`);
      } finally {
        bar.finish();
      }
    },
    incidents: async () =>
      options.config === undefined
        ? new Incidents({ most, keepMs: keep })
        : peekIncidents(ofState('incidents.log'), { most, keepMs: keep }),
    ledger: async () => (options.config === undefined ? [] : peekLedger(ofState('ledger.log'))),
  };
}

/** `--from`, else the file that the configuration has as its source. */
function filesOf({ files, config }: ReportOptions): readonly string[] {
  if (files.length > 0) return files;
  if (config?.source.kind === 'file') return [config.source.path];
  throw new OperatorError('the log is missing: --from FILE, or a configuration with a file as source');
}

/** As `run` keeps addresses. The engine knows which networks and lists are declared; it hears of no event. */
function concealed(config: Config, declared: readonly LogEntry[]): Past['conceal'] {
  const conceal = concealing(config);
  if (conceal === undefined) return (event) => event;
  const engine: Engine = createEngine(config, 0);
  engine.advance(declared);
  return (event) => conceal(event, engine);
}
