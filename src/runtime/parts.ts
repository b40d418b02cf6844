import type { ActionRequest } from '../domain/action';
import type { AlertDocument } from '../domain/alert';
import type { UsageEvent } from '../domain/event';
import type { DeadLetter } from '../domain/rejection';
import type { Engine } from '../engine';
import type { IngestResult } from '../ingest/ingest';
import type { CheckpointStore, Clock, InventoryStore, Telemetry } from '../ports';
import type { History } from './history';
import type { Journal } from './journal';
import type { InternalLog } from './log';

/** Where effects go. Each resolves when they are durable; a throw ends the process before anything is committed. */
export interface EffectSinks {
  alerts(documents: readonly AlertDocument[]): Promise<void>;
  requests(requests: readonly ActionRequest[], lag: number | undefined): Promise<void>;
  /** Resolves when the letters are written, or given up on: a bad record never stops the stream. */
  deadLetters(letters: readonly DeadLetter[]): Promise<void>;
}

export interface RuntimeParts {
  readonly source: string;
  readonly ingest: { ingest(value: Buffer): readonly IngestResult[]; format(): string };
  /** Adds what is known of the address; runs once an event, before Detect sees it. */
  readonly enrich: (event: UsageEvent, engine: Engine) => UsageEvent;
  /** Where records are packs of an internal log; `ingest` is not used then, and the journal stays empty. */
  readonly log?: InternalLog | undefined;
  readonly engineFor: (partition: number) => Engine;
  readonly checkpoints: CheckpointStore;
  readonly journal: Journal;
  readonly inventories: InventoryStore;
  readonly effects: EffectSinks;
  /** Undefined: what there is at the first start is judged like all that follows. */
  readonly history?: History | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly checkpointEveryMs: number;
  /** A checkpoint also comes after so many records of a partition. */
  readonly checkpointEveryRecords: number;
  /** Something a person should know (a gap, columns relearned); shown in the log. */
  readonly warn: (text: string, facts: Readonly<Record<string, unknown>>) => void;
}
