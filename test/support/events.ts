import type { Rule } from '../../src/decide/policy';
import { detectors } from '../../src/detect/registry';
import type { UsageEvent } from '../../src/domain/event';
import { Engine, type EngineSettings, type LogEntry } from '../../src/engine';

export const T0 = Date.UTC(2026, 0, 5);
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** A plausible event of key `k1` from Germany; override what the test is about. */
export function anEvent(over: Partial<UsageEvent> = {}): UsageEvent {
  return {
    ts: T0,
    key: 'k1',
    keyKind: 'credential',
    keyName: '',
    tenant: '',
    ip: '198.51.100.7',
    method: 'GET',
    path: '/v1/orders',
    route: '/v1/orders',
    status: 200,
    userAgent: 'axios/1.6.0',
    bytes: 512,
    latencyMs: undefined,
    requestId: '',
    country: 'DE',
    outcome: '',
    ...over,
  };
}

export const testRules: readonly Rule[] = [
  {
    name: 'likely-theft',
    when: { risk: 65, confidence: 0.5, signs: 2, surprise: 1.5, actor: 2 },
    action: 'suspend',
    for: HOUR,
  },
  { name: 'unusual-use', when: { risk: 60, confidence: 0, signs: 0, surprise: 1 }, action: 'alert', for: HOUR },
];

export function testSettings(over: Partial<EngineSettings> = {}): EngineSettings {
  return {
    partition: 0,
    detectors,
    policy: { rules: testRules, tiers: [], defaultTier: 'standard' },
    mode: 'dry-run',
    gate: { skewMs: 10 * MINUTE, latenessMs: 2 * HOUR },
    maturityMs: 3 * DAY,
    suspectMaxMs: 7 * DAY,
    incidentIdleMs: 6 * HOUR,
    maxKeys: 1_000,
    ...over,
  };
}

export function testEngine(over: Partial<EngineSettings> = {}): Engine {
  return new Engine(testSettings(over));
}

/** Events as log entries, each a record of its own whose broker timestamp is its event time. */
export function entriesOf(events: readonly UsageEvent[], from = 0): LogEntry[] {
  return events.map((event, i) => ({ kind: 'event', offset: from + i, event, timestamp: event.ts }));
}

/**
 * Keys `k1 … kN`, each used from one network of its own by one client, every `everyMs` for `days` during 08–18 UTC on all
 * days: the steadiest possible past.
 */
export function steadyFleet(keys: number, days: number, everyMs = 10 * MINUTE): UsageEvent[] {
  const events: UsageEvent[] = [];
  for (let t = T0; t < T0 + days * DAY; t += everyMs) {
    const hour = new Date(t).getUTCHours();
    if (hour < 8 || hour >= 18) continue;
    for (let k = 1; k <= keys; k++) {
      events.push(
        anEvent({ ts: t + k * 7, key: `k${k}`, ip: `198.51.${k % 200}.7`, userAgent: `client-${k % 5}/1.${k % 3}` }),
      );
    }
  }
  return events;
}
