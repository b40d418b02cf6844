import type { KeyAction } from '../domain/action';
import type { Act, OutcomeNote } from '../domain/command';
import type { Observation } from '../domain/observation';
import type { State } from '../state';
import { StillUsed, stops } from './still-used';

/** Keys with an action in force that are remembered; beyond, the one whose action began first is forgotten. */
const MOST = 20_000;

/**
 * The actions that really hold in a partition, as Enforce has said at their places in the log: what the gateway refuses
 * because of them is keywatch's own doing and teaches nothing.
 */
export class Acts {
  readonly used = new StillUsed();
  private readonly keys = new Map<string, readonly Act[]>();

  /** Answers whether the action has ended and its incident is to say who used the key meanwhile. */
  note(note: OutcomeNote): boolean {
    const { key, requestId, state, action, until } = note;
    const others = (this.keys.get(key) ?? []).filter((act) => act.requestId !== requestId);
    switch (state) {
      case 'delivered':
      case 'effective':
      case 'ineffective':
        this.put(key, [...others, { key, requestId, action, until }]);
        if (stops(action)) this.used.begin(note);
        return false;
      case 'release-due':
        // Until the receiver has acknowledged the release it goes on refusing.
        return false;
      case 'released':
      case 'release-undelivered':
      case 'undelivered':
        this.put(key, others);
        return this.used.end(note);
      case 'superseded':
        // The stronger action that took its place goes on counting.
        this.put(key, others);
        return false;
      default:
        return false;
    }
  }

  /** Counts who still uses a stopped key. Answers whether what it got at `ts` (event time, milliseconds) is keywatch's own doing. */
  refuses(o: Observation, ts: number): boolean {
    if (this.keys.size === 0) return false;
    const { key, status } = o.event;
    const held = this.keys.get(key);
    if (held === undefined) return false;
    const left = held.filter(({ until }) => until === undefined || ts < until + RELEASE_MS);
    if (left.length < held.length) this.put(key, left);
    if (left.some(({ action }) => stops(action))) this.used.note(o, ts);
    return left.some(({ action }) => refusals[action].includes(status));
  }

  forget(key: string): void {
    this.keys.delete(key);
    this.used.forget(key);
  }

  export(): Pick<State, 'acts' | 'uses'> {
    return { acts: [...this.keys.values()].flat(), uses: this.used.export() };
  }

  import({ acts, uses }: Pick<State, 'acts' | 'uses'>): void {
    this.used.import(uses);
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
