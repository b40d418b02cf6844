/**
 * The outside world in a page. The core (`domain` … `engine`) uses none of this; `runtime` drives it; `adapters`
 * implement it. Each port has a contract suite in `test/contracts` that runs on every implementation.
 */
import type { Action, KeyAction, Outcome, OutcomeState, Rail } from './domain/action';
import type { AlertDocument, Severity } from './domain/alert';
import type { AuditEntry } from './domain/audit';
import type { KeyKind } from './domain/event';
import type { Inventory } from './domain/inventory';
import type { DeadLetter, RejectReason } from './domain/rejection';
import type { BreakerView, KeyStanding, ManualAction, ManualResult, Standing } from './domain/standing';

/** Wall clock. `sleep` resolves early (without error) when the signal aborts. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One record as it lies in the log. `offset` grows by one per record within a partition. */
export interface RawRecord {
  readonly offset: number;
  readonly value: Buffer;
  /** The broker's timestamp, milliseconds; undefined where the log has none (files). */
  readonly timestamp: number | undefined;
}

/** Records of one partition in log order, at most a few hundred, all of them after those of the slice before. */
export interface Slice {
  readonly partition: number;
  readonly records: readonly RawRecord[];
  /** Opaque to all but the source: where reading goes on after this slice (for a file: inode and byte). */
  readonly cursor: string;
  /** The same for the beginning of this slice; '' where the offset alone says it. */
  readonly start: string;
  /** Records known to wait behind this slice; undefined when the source cannot tell. */
  readonly lag: number | undefined;
}

/** Where a partition stands: the next offset wanted and the source's cursor for it. */
export interface Place {
  readonly next: number;
  readonly cursor: string;
}

/** What a source calls. Calls for one partition never overlap. A throw stops the source and rejects its `run`. */
export interface SourceHandler {
  /**
   * The partition is ours. `committed` is the place up to which effects are durable, undefined on a first start.
   * Answers where to read from: the checkpoint's place (at or before `committed`), or undefined for the source's own
   * start (earliest, latest, a time, by configuration).
   */
  assigned(partition: number, committed: Place | undefined): Promise<Place | undefined>;
  /** Resolves when the effects of all records of the slice are durable; the source may then commit the slice's end. */
  slice(slice: Slice): Promise<void>;
  /** The partition is no longer ours: nothing may be written for it after this resolves. */
  revoked(partition: number): Promise<void>;
}

/**
 * An ordered, partitioned log of records. Guarantees: order within a partition; nothing is skipped; after a crash
 * reading goes on at the committed place or before it. Commits only after `slice` resolved.
 */
export interface Source {
  readonly name: string;
  /** Resolves when the input has ended (files) or after `stop`; rejects on a fault that needs a restart. */
  run(handler: SourceHandler): Promise<void>;
  /** Stops fetching; the slice in progress is finished and committed; then `run` resolves. */
  stop(): Promise<void>;
  /** Undefined when all is well, else what is wrong, for `/readyz`. */
  problem(): string | undefined;
}

/**
 * Takes alert documents. `write` resolves when all are durable at the receiver and may see a document again with the
 * same `event.id` after a crash. A throw means: none counted on, try again later with the same documents.
 */
export interface AlertSink {
  readonly name: string;
  write(documents: readonly AlertDocument[]): Promise<void>;
  close(): Promise<void>;
}

/** Takes dead letters; the same delivery contract as `AlertSink`. */
export interface DeadLetterSink {
  readonly name: string;
  write(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
}

/** A whole state: its bytes in pieces that nobody changes any more, and the offset of the first record not in it. */
export interface Checkpoint {
  readonly next: number;
  readonly pieces: readonly Uint8Array[];
}

/** Whole states, one per partition. A checkpoint is there whole or not at all; `load` answers the newest whole one. */
export interface CheckpointStore {
  load(partition: number): Promise<Uint8Array | undefined>;
  /** Resolves when it is durable; meanwhile the process answers. */
  save(partition: number, checkpoint: Checkpoint): Promise<void>;
}

/** Inventories by digest. `load` throws where there is none; `save` resolves when it is durable. */
export interface InventoryStore {
  load(digest: string): Promise<Inventory>;
  save(inventory: Inventory): Promise<void>;
}

/** Enforce's memory: outcomes in the order they were appended. `append` resolves when they are on disk. */
export interface Ledger {
  load(): Promise<readonly Outcome[]>;
  append(outcomes: readonly Outcome[]): Promise<void>;
  /** Replaces all outcomes by what `change` makes of them; they have the same ids. Whole or not at all. Answers the new ones. */
  rewrite(change: (outcomes: readonly Outcome[]) => readonly Outcome[]): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

/**
 * The audit log. `record` resolves when the entry is on disk, after all that were recorded before it; what an entry tells of
 * should go on only then. Rejects where it cannot be written: then it is not recorded. A repetition is another record.
 */
export interface Audit {
  record(entry: AuditEntry): Promise<void>;
}

/** What is sent to the system that owns the keys. All that an enforcer needs is in the fields; `body` is the webhook's. */
export interface EnforcementCommand {
  /** Stable over retries; derived from the request (a release has its own). */
  readonly id: string;
  readonly type: `key.${KeyAction}.requested` | 'key.release.requested';
  readonly action: KeyAction | 'release';
  readonly key: string;
  /** What `key` stands for; undefined where nobody said. */
  readonly keyKind: KeyKind | undefined;
  readonly keyName: string;
  readonly tenant: string;
  /** Wall clock at which the action ends, milliseconds; undefined for a revocation and a release. */
  readonly until: number | undefined;
  /** Wall clock after which it must not be carried out, milliseconds; undefined for a release. */
  readonly notAfter: number | undefined;
  /** Only of a release: the command that is taken back, and nothing else is. */
  readonly releases: { readonly id: string; readonly action: KeyAction } | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What an enforcer can do. What it cannot is refused when it is configured, and never replaced by something stronger. */
export interface EnforcerCapabilities {
  readonly actions: readonly KeyAction[];
  /** Those of `actions` that it can take back. */
  readonly reversible: readonly KeyAction[];
  /** `consumer`: it acts on all keys of an owner at once. */
  readonly granularity: 'key' | 'consumer';
  /** How long after its acknowledgement the gateway may still let requests through, milliseconds. */
  readonly effectMs: number;
  /** Kinds of key id that it can act on. */
  readonly keyKinds: readonly KeyKind[];
}

/** `retryAfterMs`: what the receiver asked for. `permanent`: trying again cannot help (410, refused address). */
export type DeliveryResult =
  | { readonly ok: true; readonly detail: string }
  | {
      readonly ok: false;
      readonly detail: string;
      readonly permanent: boolean;
      readonly retryAfterMs: number | undefined;
    };

/**
 * Carries out commands. One call is one attempt; never throws for what the receiver did. `ours`: an action of keywatch holds
 * on the key already, or an earlier attempt of this process may have been carried out; so the key may be as the command
 * wants it because of keywatch, where it would else be somebody's own doing.
 */
export interface Enforcer {
  readonly name: string;
  readonly capabilities: EnforcerCapabilities;
  deliver(command: EnforcementCommand, signal: AbortSignal, ours?: boolean): Promise<DeliveryResult>;
  close(): Promise<void>;
}

/**
 * What people may ask of Enforce. Everything that changes something is durable and told when it resolves; a rejection
 * means that nothing was done (disk, outbox): ask again.
 */
export interface EnforcementControl {
  standing(key: string): Standing;
  /** Keys that are not quiet, the newest change first, at most `limit` (default 1,000). */
  standings(limit?: number): readonly KeyStanding[];
  /**
   * A person's own action: not counted by the circuit breaker, not held by age, lag, data quality, cooldown or an open
   * breaker. Held in dry run, on a protected key unless forced, and where no enforcer can do it. It takes the place of a
   * live action of the same kind.
   */
  suspend(action: ManualAction): Promise<ManualResult>;
  /** Always possible. Requests that were decided before it are held from then on, also after a crash. */
  release(about: { readonly key: string; readonly by: string; readonly reason: string }): Promise<ManualResult>;
  /** Closes circuit breakers: the tenant's where one is named, else all. */
  resetBreaker(by: string, tenant?: string): Promise<void>;
  /** The fleet's first, then those of tenants that are open. */
  breaker(): readonly BreakerView[];
}

/** Answers the country of an address, ISO 3166-1 alpha-2, or '' when unknown, private or reserved. Never throws. */
export interface Geography {
  country(ip: string): string;
}

/** What the runtime and its parts count. No call may carry a key id, an address or a text from a record. */
export interface Telemetry {
  records(partition: number, records: number, bytes: number): void;
  events(count: number): void;
  noKey(count: number): void;
  rejected(reason: RejectReason, count: number): void;
  /** Events behind the watermark by more than the allowed lateness. */
  late(count: number): void;
  /** Events whose time ran ahead of all evidence and was set back. */
  clockFaults(count: number): void;
  /** Records may have been lost before they were read. */
  gap(): void;
  watermark(partition: number, eventTimeMs: number): void;
  lag(partition: number, records: number | undefined): void;
  state(partition: number, keys: number, bytes: number): void;
  /** Keys whose evidence may lead to a suspension. */
  mature(partition: number, keys: number): void;
  /** Whether the partition still learns from history, and is silent. */
  learning(partition: number, on: boolean): void;
  /** What was told of the partition no longer holds here: another process has it. */
  revoked(partition: number): void;
  alert(kind: 'alert' | 'event', severity: Severity): void;
  request(action: string): void;
  /** The policy decided `live` where its shadow would have decided `shadow`. */
  difference(live: Action, shadow: Action): void;
  outcome(state: OutcomeState, rail: Rail | undefined): void;
  breakerOpen(open: boolean): void;
  suspended(keys: number): void;
  slice(seconds: number): void;
  checkpoint(seconds: number, bytes: number): void;
  /** The newest durable checkpoint that this process wrote holds the state of this time. */
  checkpointed(partition: number, atMs: number): void;
  /** `withheld`: of those written, the ones that routing kept from the output. */
  delivery(sink: string, result: 'written' | 'retried' | 'failed' | 'withheld', count: number): void;
  outbox(bytes: number): void;
  /** Keys of the inventory in force, and rows of its file that are not used. */
  inventory(declared: number, bad: number): void;
  /** Keys in the state that the inventory does not know; 0 where there is no inventory. */
  undeclared(partition: number, keys: number): void;
  deadLetters(result: 'written' | 'suppressed', count: number): void;
  /** A configured model, by its card's name (`none` where there is no card to read). */
  model(name: string, mode: 'shadow' | 'on', usable: boolean): void;
  modelLook(name: string, mode: 'shadow' | 'on', surprise: number): void;
  /** A planted theft of the canary key. */
  canary(result: 'caught' | 'missed' | 'unsettled'): void;
}
