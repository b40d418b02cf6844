import type { KeyAction } from '../domain/action';
import type { Act, OutcomeNote } from '../domain/command';

/** Keys with an action in force that are remembered; beyond, the one whose action began first is forgotten. */
const MOST = 20_000;

/**
 * The actions that really hold in a partition, as Enforce has said at their places in the log: what the gateway refuses
 * because of them is keywatch's own doing and teaches nothing.
 */
export class Acts {
  private readonly keys = new Map<string, readonly Act[]>();

  note({ key, requestId, state, action, until }: OutcomeNote): void {
    const others = (this.keys.get(key) ?? []).filter((act) => act.requestId !== requestId);
    switch (state) {
      case 'delivered':
      case 'effective':
      case 'ineffective':
        this.put(key, [...others, { key, requestId, action, until }]);
        return;
      case 'release-due':
        // Until the receiver has acknowledged the release it goes on refusing.
        return;
      case 'released':
      case 'release-undelivered':
      case 'undelivered':
      case 'superseded':
        this.put(key, others);
        return;
      default:
        return;
    }
  }

  /** Whether an answer of `status` at `ts` (event time, milliseconds) is keywatch's own doing. */
  refuses(key: string, status: number, ts: number): boolean {
    if (this.keys.size === 0) return false;
    const held = this.keys.get(key);
    if (held === undefined) return false;
    const left = held.filter(({ until }) => until === undefined || ts < until + RELEASE_MS);
    if (left.length < held.length) this.put(key, left);
    return left.some(({ action }) => refusals[action].includes(status));
  }

  forget(key: string): void {
    this.keys.delete(key);
  }

  export(): readonly Act[] {
    return [...this.keys.values()].flat();
  }

  import(acts: readonly Act[]): void {
    this.keys.clear();
    for (const act of acts) this.keys.set(act.key, [...(this.keys.get(act.key) ?? []), act]);
  }

  private put(key: string, acts: readonly Act[]): void {
    this.keys.delete(key);
    if (acts.length === 0) return;
    this.keys.set(key, acts);
    if (this.keys.size <= MOST) return;
    for (const oldest of this.keys.keys()) {
      this.keys.delete(oldest);
      return;
    }
  }
}

/** A release may take so long: until it is said to be done, refusals after the end are still of the action. */
const RELEASE_MS = 300_000;

/** What a gateway answers to a key under each action. */
const refusals: Record<KeyAction, readonly number[]> = {
  'rate-limit': [429],
  'step-up': [401, 403],
  suspend: [401, 403],
  revoke: [401, 403],
};
