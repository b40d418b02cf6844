import { refused } from './failure';
import type { VendorActions } from './vendor-enforcer';

/** A key as the vendor has it now. */
export interface SwitchedKey {
  /** `ended`: no flag makes it work again (cancelled, expired). */
  readonly state: 'on' | 'off' | 'ended';
  /** Resolves when the vendor has acknowledged it. */
  turn(on: boolean): Promise<void>;
}

/** Reads a key; undefined where the vendor has none of this id. */
export type LookUp = (key: string, signal: AbortSignal) => Promise<SwitchedKey | undefined>;

/**
 * Suspending and releasing where a key has a flag of its own. The flag says nothing of who set it, so a key that is off
 * before anything was done is not taken for ours: the suspension fails, and no release will turn on what people, or
 * another system, turned off. It is ours where the caller says so (`ours` of `Enforcer.deliver`). What cannot be known:
 * whether somebody decided during a suspension that the key should stay off; its end turns it on.
 */
export function keySwitch(lookUp: LookUp): Pick<VendorActions, 'suspend' | 'release'> {
  return {
    async suspend({ key }, signal, ours) {
      const found = await lookUp(key, signal);
      if (found === undefined) throw refused('there is no such key');
      if (found.state === 'ended') throw refused('the key has ended: there is nothing to suspend');
      if (found.state === 'on') {
        await found.turn(false);
        return 'turned off';
      }
      if (ours) return 'is off already, by keywatch';
      throw refused('the key was off before: nothing was done, and nothing will be released');
    },
    async release({ key }, signal) {
      const found = await lookUp(key, signal);
      if (found === undefined) return 'there is no such key any more';
      if (found.state === 'ended') return 'the key has ended: there is nothing to release';
      if (found.state === 'on') return 'is on already';
      await found.turn(true);
      return 'turned on';
    },
  };
}
