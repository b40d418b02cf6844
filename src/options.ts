/**
 * What the command line hands to the composition root: one type per command, plain data that a test can write by hand.
 * These types sit below `app`, so that `app` and `demo` need nothing of `bin`.
 */
import type { Writable } from 'node:stream';
import type { Config, Format } from './config';

/** Where a command talks: data to `out`, everything for people to `err`. */
export interface Terminal {
  readonly out: Writable;
  readonly err: Writable;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  /** Whether colour may be used on each: never where it is no terminal or `NO_COLOR` is set. */
  readonly colour: { readonly out: boolean; readonly err: boolean };
  /** Columns of the terminal; 80 where it does not say. */
  readonly width: number;
}

/** What every command gets. `stop` aborts at the first SIGINT or SIGTERM and when the reader of stdout has gone. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly stop: AbortSignal;
  readonly version: string;
}

/** `keywatch run`: resolves after a graceful stop, rejects on a fault that needs a restart. */
export type RunLive = (config: Config, context: CommandContext, reread?: Reread) => Promise<void>;

/** The configuration file once more, while the process runs. */
export interface Reread {
  readonly path: string;
  load(): { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly string[] };
}

/** `keywatch replay`: history through the same core. Wall clock, network and state on disk play no part in it. */
export interface ReplayOptions extends CommandContext {
  /** Files and directories; `-` is stdin. Never empty. */
  readonly files: readonly string[];
  /** The whole configuration where `--config` named one; its `source`, `alerts` and `state` are not used. */
  readonly config: Config | undefined;
  /** `--format`, else the configuration's `ingest.format`, else `auto`. */
  readonly format: Format;
  /** Into how many partitions the keys are divided, 1–1,024. */
  readonly partitions: number;
  /** A page for people on `out` instead of NDJSON. */
  readonly report: boolean;
}
export type RunReplay = (options: ReplayOptions) => Promise<void>;

/** `keywatch replay --policy`: the present and a proposed policy over the same past. */
export interface PolicyReplayOptions extends CommandContext {
  /** Files and directories; `-` is stdin. Never empty. */
  readonly files: readonly string[];
  readonly config: Config | undefined;
  readonly format: Format;
  readonly proposed: { readonly policy: Config['policy']; readonly enforce: Config['enforce'] | undefined };
  /** One JSON object on `out` instead of a page. */
  readonly json: boolean;
}
export type RunPolicyReplay = (options: PolicyReplayOptions) => Promise<void>;

/** `keywatch evaluate`: the same core, its alerts scored against labels. Reads files, writes only those of `json`, `html`. */
export interface EvaluateOptions extends CommandContext {
  /** The pieces of one stream, with what is known about it; empty where only `sets` are evaluated. */
  readonly files: readonly string[];
  readonly labels: string | undefined;
  readonly newcomers: string | undefined;
  readonly attackLines: string | undefined;
  /** The same traffic without the fleet's incidents, and when these were. */
  readonly plain: string | undefined;
  readonly windows: string | undefined;
  /** DIR/PREFIX of labelled streams, their companions beside them. */
  readonly sets: readonly string[];
  /** How many thefts to graft into `files`. */
  readonly inject: number | undefined;
  readonly seed: number;
  /** False alerts per 1,000 key-days for which to choose the policy's `risk`. */
  readonly budget: number | undefined;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly config: Config | undefined;
  readonly format: Format;
}
export type RunEvaluate = (options: EvaluateOptions) => Promise<void>;

/** Runtimes of TensorFlow.js, the fastest first. */
export const backendChoices = ['node', 'wasm', 'cpu'] as const;

/** `keywatch train`: a model of history. Reads files, writes the folder `out`/`name`. */
export interface TrainOptions extends CommandContext {
  readonly files: readonly string[];
  readonly name: string;
  readonly out: string;
  readonly seed: number;
  readonly epochs: number;
  readonly backend: (typeof backendChoices)[number];
  /** Thefts to graft into the log to say what the model is worth; 0: it is not measured. */
  readonly ablation: number;
  readonly config: Config | undefined;
  readonly format: Format;
}
export type RunTrain = (options: TrainOptions) => Promise<void>;

/** What `keywatch report` can be asked for. */
export const reportKinds = ['access-review', 'risk', 'incident'] as const;

/** `keywatch report`: the retained input once more, beside a running process. */
export interface ReportOptions extends CommandContext {
  readonly kind: (typeof reportKinds)[number];
  /** Incident id or key id of `incident`. */
  readonly subject: string | undefined;
  /** Empty: the file of the configuration's source. */
  readonly files: readonly string[];
  /** Moments in milliseconds: of the report, and since when the key should not be used any more. */
  readonly at: number | undefined;
  readonly since: number | undefined;
  readonly unusedMs: number;
  readonly rotateMs: number;
  readonly rotateMsByTier: ReadonlyMap<string, number>;
  readonly html: string | undefined;
  readonly csv: string | undefined;
  readonly json: string | undefined;
  /** Name of the table that `csv` gets; undefined for the first. */
  readonly table: string | undefined;
  readonly config: Config | undefined;
  readonly format: Format;
}
export type RunReport = (options: ReportOptions) => Promise<void>;

/** `keywatch demo`: the whole product on simulated traffic and the simulation's clock. */
export interface DemoOptions extends CommandContext {
  readonly seed: number;
}
export type RunDemo = (options: DemoOptions) => Promise<void>;

/** Something a person can put right: shown as its message alone, without a stack. Holds no secret. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
