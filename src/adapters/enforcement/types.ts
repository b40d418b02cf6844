import type { Config } from '../../config';
import type { ActionRequest, KeyAction, Outcome } from '../../domain/action';
import type { AlertDocument } from '../../domain/alert';
import type { EnforceContext } from '../../enforce/settings';
import type { Audit, Clock, EnforcementControl, Enforcer, Ledger, Telemetry } from '../../ports';

export interface EnforcementOptions {
  readonly ledger: Ledger;
  /** May be undefined in dry run only. */
  readonly enforcer: Enforcer | undefined;
  readonly clock: Clock;
  /** 0–1, for jitter. */
  readonly random: () => number;
  readonly config: Config['enforce'];
  /** Actions that the policy may ask for; the start fails where the enforcer cannot do one of them. */
  readonly asked?: readonly KeyAction[] | undefined;
  /** Resolves when the documents are durable; may see a document again, with the same `event.id`, after a crash. */
  readonly notices: (documents: readonly AlertDocument[]) => Promise<void>;
  readonly telemetry: Pick<Telemetry, 'outcome' | 'breakerOpen' | 'suspended' | 'delivery'>;
  readonly audit?: Audit | undefined;
  /** What is wrong with the data of a partition, if anything is. */
  readonly quality?: ((partition: number) => EnforceContext['quality']) | undefined;
  /**
   * Told of every outcome of a request once it is durable, and after a start of what holds then and of the newest that are
   * over, which Detect may not have heard of: the way back to Detect, where hearing it twice changes nothing.
   * Must not throw.
   */
  readonly outcomes?: ((outcome: Outcome, request: ActionRequest) => void) | undefined;
  /** Whether `traffic` and `reached` are called: only then can an action be seen to take effect, or not to. */
  readonly witnessing?: boolean | undefined;
}

export interface Enforcement extends EnforcementControl {
  /**
   * Resolves when every request has its first outcome in the ledger and its notice is durable; delivery goes on in the
   * background. A known id is ignored. Rejects, with nothing decided, when notices or ledger fail; submit again then.
   */
  submit(requests: readonly ActionRequest[], context: { readonly lagging: boolean }): Promise<void>;
  /**
   * Takes alert documents of any partition on their way out: those of one actor on several keys become one group, the
   * rest passes as it is. Resolves when all are durable. Rejects with nothing noted; tell again then.
   */
  tell(documents: readonly AlertDocument[]): Promise<void>;
  /**
   * `keys` of this partition were active within the breaker's window, and so many of each tenant where that is known;
   * replaces the partition's last report.
   */
  noteActive(partition: number, keys: number, tenants?: ReadonlyMap<string, number>): void;
  /** A request with the key was answered `status` at `ts` (event time, milliseconds). Cheap where nothing waits for it. */
  traffic(key: string, status: number, ts: number): void;
  /** Event time that the data of a partition have reached, milliseconds. */
  reached(partition: number, ts: number): void;
  /**
   * Removes a key from ledger and memory; `as` stands in its place. False, with nothing done, while an action against it is in
   * force and `force` is not set; with `force` what that action needs is kept until it is over.
   */
  forget(key: string, as: string, force: boolean): Promise<boolean>;
  /** Undefined when all is well, else what is wrong, for `/readyz`. */
  problem(): string | undefined;
  /** Resolves when no delivery is under way or waiting for another attempt; actions that hold do not count. */
  idle(): Promise<void>;
  /** No new attempts; those under way get a grace, then are aborted and resumed by the next start. Does not close the ledger. */
  stop(): Promise<void>;
}
