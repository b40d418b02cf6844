import type { Config } from '../../config';
import { isReversible, type KeyAction, keyActions } from '../../domain/action';
import type { EnforceSettings } from '../../enforce/settings';
import type { EnforcerCapabilities } from '../../ports';

const anything: Pick<EnforcerCapabilities, 'actions' | 'keyKinds'> = {
  actions: keyActions,
  keyKinds: ['credential', 'consumer', 'hash'],
};

/** The configuration as the rails take it. Without an enforcer (dry run, replay) anything is thought possible. */
export const enforceSettings = (
  config: Config['enforce'],
  { actions, keyKinds }: Pick<EnforcerCapabilities, 'actions' | 'keyKinds'> = anything,
): EnforceSettings => ({
  mode: config.mode,
  dryRun: { tiers: new Set(config.dryRun.tiers), rules: new Set(config.dryRun.rules) },
  protectedKeys: new Map(
    config.protectedKeys.map((entry) =>
      typeof entry === 'string'
        ? [entry, Number.POSITIVE_INFINITY]
        : [entry.key, entry.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(entry.until)],
    ),
  ),
  able: { actions: new Set(actions), keyKinds: new Set(keyKinds) },
  automaticRevoke: config.automaticRevoke,
  breaker: {
    count: config.breaker.count,
    share: config.breaker.share,
    windowMs: config.breaker.window,
    tenant: config.breaker.tenant,
  },
  repeat: { factor: config.repeat.factor, windowMs: config.repeat.window, maxMs: config.repeat.max },
  maxAgeMs: config.maxAge,
  notAfterMs: config.notAfter,
  keyCooldownMs: config.keyCooldown,
  effectiveWithinMs: config.effectiveWithin,
  groupWindowMs: config.groupWindow,
});

/**
 * What of the actions that a policy may ask for cannot be: what the enforcer is not able to do, or to take back, and a
 * revocation that nobody allowed. Nothing is ever done in its place.
 */
export function impossible(
  asked: readonly KeyAction[],
  { actions, reversible }: Pick<EnforcerCapabilities, 'actions' | 'reversible'>,
  automaticRevoke: boolean,
): string | undefined {
  for (const action of asked) {
    if (!actions.includes(action)) return `the policy asks for ${action}, which the enforcer cannot do`;
    if (isReversible(action) && !reversible.includes(action)) return `the enforcer cannot take ${action} back`;
    if (action === 'revoke' && !automaticRevoke)
      return 'the policy asks for revoke: set enforce.automaticRevoke for it';
  }
  return undefined;
}
