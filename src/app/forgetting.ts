import { type Tombstone, tombstoneOf } from '../adapters/file/tombstones';
import type { Log } from '../adapters/log';
import type { AlertDocument } from '../domain/alert';
import type { Forget } from '../domain/command';
import type { Audit } from '../ports';

/** Where something is kept of keys. Each resolves when the key is gone from there, durably. */
export interface Forgetting {
  /** State of all partitions; answers into how many the command went, 0 for later. */
  readonly state: (command: { readonly type: 'forget' } & Forget) => Promise<number>;
  /** False where an action against the key is in force and `force` is not set. */
  readonly enforcement: (key: string, as: string, force: boolean) => Promise<boolean>;
  /** Alerts that wait or were refused. */
  readonly alerts: readonly ((of: (document: AlertDocument) => boolean) => Promise<void>)[];
  /** Older copies of the inventory, and checkpoints: writes new ones until none of before is left. */
  readonly copies: () => Promise<void>;
  readonly keep: (tombstone: Tombstone) => Promise<void>;
  readonly audit: Audit;
  readonly pepper: Buffer | undefined;
  readonly now: () => number;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/**
 * Carries a command to forget out, from what could still act to what only remembers; answers whether it is done with. After
 * a crash in between it comes again, and does again what changes nothing. The key itself is told nowhere.
 */
export function forgetting(of: Forgetting): (forget: Forget) => Promise<boolean> {
  return async ({ key, by, force }) => {
    const tombstone = tombstoneOf(key, by, of.now(), of.pepper);
    const { as } = tombstone;
    if (!(await of.enforcement(key, as, force))) {
      of.log.warn({ by, as }, 'a key is not forgotten: an action against it is in force; release it first');
      await of.audit.record({ kind: 'command', by, subject: as, detail: { type: 'forget', done: false } });
      return true;
    }
    const partitions = await of.state({ type: 'forget', key, by, force });
    if (partitions === 0) return false;
    const isOf = ({ user, related }: AlertDocument) => user?.id === key || related?.user?.includes(key) === true;
    for (const forget of of.alerts) await forget(isOf);
    await of.copies();
    await of.keep(tombstone);
    await of.audit.record({ kind: 'command', by, subject: as, detail: { type: 'forget', done: true, partitions } });
    of.log.info({ by, as, partitions }, 'a key was forgotten');
    return true;
  };
}
