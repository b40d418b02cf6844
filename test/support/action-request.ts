import { type ActionRequest, keyActions } from '../../src/domain/action';
import type { EnforceSettings } from '../../src/enforce/settings';

/** 24 November 2026, 10:00 UTC. */
export const TEN = Date.UTC(2026, 10, 24, 10);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export const actionRequest = (over: Partial<ActionRequest> = {}): ActionRequest => ({
  id: 'req-1',
  action: 'suspend',
  key: 'key-1',
  keyKind: 'credential',
  keyName: 'Billing backend',
  tenant: 'acme',
  tier: 'standard',
  partition: 0,
  decidedAt: TEN,
  durationMs: HOUR,
  incidentId: 'inc-1',
  alertId: 'alert-1',
  rule: 'likely-theft',
  risk: 87,
  reason: 'Requests from Brazil with curl on a key used from Germany with okhttp.',
  evidence: [
    {
      detector: 'country',
      facet: 'geography',
      kind: 'statistical',
      surprise: 3.2,
      confidence: 0.9,
      saw: 'requests from Brazil',
      expected: 'Germany in 9,214 of 9,230 requests',
      since: TEN - 30 * 24 * HOUR,
      aboutActor: true,
    },
  ],
  ...over,
});

/** A breaker of the fleet; the tenants' do not open by themselves. */
export const breakerOf = (count: number, share = 1): EnforceSettings['breaker'] => ({
  count,
  share,
  windowMs: HOUR,
  tenant: { count: 100_000, share: 1 },
});

export const enforceSettings = (over: Partial<EnforceSettings> = {}): EnforceSettings => ({
  mode: 'enforce',
  dryRun: { tiers: new Set(), rules: new Set() },
  protectedKeys: new Map(),
  able: { actions: new Set(keyActions), keyKinds: new Set(['credential', 'consumer', 'hash']) },
  automaticRevoke: false,
  breaker: breakerOf(5),
  repeat: { factor: 2, windowMs: 7 * 24 * HOUR, maxMs: 24 * HOUR },
  maxAgeMs: 10 * MINUTE,
  notAfterMs: 15 * MINUTE,
  keyCooldownMs: MINUTE,
  effectiveWithinMs: 15 * MINUTE,
  groupWindowMs: 6 * HOUR,
  ...over,
});
