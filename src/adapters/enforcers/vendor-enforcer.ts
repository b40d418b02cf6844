import type { EnforcementCommand, Enforcer, EnforcerCapabilities } from '../../ports';
import { refused, resultOf } from './failure';

/** What a vendor's adapter does of a command. Both answer what was done, in our words, or throw. */
export interface VendorActions {
  readonly name: string;
  readonly capabilities: EnforcerCapabilities;
  /** Why the vendor cannot have a key of this id; undefined where it can. Keeps foreign text out of paths. */
  idFault(key: string): string | undefined;
  suspend(command: EnforcementCommand, signal: AbortSignal, ours: boolean): Promise<string>;
  release(command: EnforcementCommand, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/**
 * An enforcer of a vendor's API: suspends and takes suspensions back, nothing else. What it was not asked for, or cannot
 * do, is a permanent failure and no call is made. `timeoutMs` is for one attempt with all its calls.
 */
export function vendorEnforcer(vendor: VendorActions, timeoutMs: number): Enforcer {
  const { name, capabilities } = vendor;

  function carryOut(command: EnforcementCommand, signal: AbortSignal, ours: boolean): Promise<string> {
    const { action, releases, keyKind, key } = command;
    const about = action === 'release' ? releases?.action : action;
    if (about !== 'suspend') throw refused(`${name} can suspend and release, not ${about ?? 'this'}`);
    if (keyKind !== undefined && !capabilities.keyKinds.includes(keyKind)) {
      throw refused(`${name} cannot act on key ids of the kind ${keyKind}`);
    }
    const fault = vendor.idFault(key);
    if (fault !== undefined) throw refused(fault);
    return action === 'release' ? vendor.release(command, signal) : vendor.suspend(command, signal, ours);
  }

  return {
    name,
    capabilities,
    async deliver(command, signal, ours = false) {
      const timeout = AbortSignal.timeout(timeoutMs);
      try {
        signal.throwIfAborted();
        return { ok: true, detail: await carryOut(command, AbortSignal.any([signal, timeout]), ours) };
      } catch (error) {
        return resultOf(error, timeout.aborted);
      }
    },
    close: () => vendor.close(),
  };
}
