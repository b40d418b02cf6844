import { type EnforcementOptions, startEnforcement } from '../../src/adapters/enforcement';
import { createNoTelemetry } from '../../src/adapters/no-telemetry';
import { configSchema } from '../../src/config';
import { isReversible, keyActions, type Outcome } from '../../src/domain/action';
import type { AlertDocument } from '../../src/domain/alert';
import type { DeliveryResult, EnforcementCommand, Enforcer, EnforcerCapabilities, Ledger } from '../../src/ports';
import { actionRequest, TEN } from './action-request';
import { createVirtualClock } from './virtual-clock';

/** A ledger in memory over `lines`, which outlive it: a second one over the same lines is a restart. */
export const memoryLedger = (lines: Outcome[]): Ledger => ({
  load: async () => [...lines],
  append: async (outcomes) => {
    lines.push(...structuredClone(outcomes));
  },
  rewrite: async (change) => {
    lines.splice(0, lines.length, ...change([...lines]));
    return [...lines];
  },
  close: async () => undefined,
});

/** Tenants' breakers that do not open by themselves. */
const loose = { count: 100_000, share: 1 };

export const enforceConfig = (over: Record<string, unknown> & { breaker?: object } = {}) =>
  configSchema.parse({
    source: { kind: 'stdin' },
    enforce: { mode: 'enforce', ...over, breaker: { count: 100, share: 1, tenant: loose, ...(over.breaker ?? {}) } },
  }).enforce;

export const refused = (detail: string, over: { permanent?: boolean; retryAfterMs?: number } = {}): DeliveryResult => ({
  ok: false,
  detail,
  permanent: over.permanent ?? false,
  retryAfterMs: over.retryAfterMs,
});
export const acknowledged: DeliveryResult = { ok: true, detail: 'HTTP 200' };

export interface Attempt {
  readonly command: EnforcementCommand;
  readonly at: number;
}

export const scriptedCapabilities: EnforcerCapabilities = {
  actions: keyActions,
  reversible: keyActions.filter(isReversible),
  granularity: 'key',
  effectMs: 60_000,
  keyKinds: ['credential', 'consumer', 'hash'],
};

/** An enforcer that answers as told and keeps every attempt. */
export function scriptedEnforcer(
  now: () => number,
  answer: (command: EnforcementCommand, signal: AbortSignal) => DeliveryResult | Promise<DeliveryResult>,
): Enforcer & { readonly attempts: Attempt[] } {
  const attempts: Attempt[] = [];
  return {
    name: 'scripted',
    capabilities: scriptedCapabilities,
    attempts,
    deliver: async (command, signal) => {
      attempts.push({ command, at: now() });
      return answer(command, signal);
    },
    close: async () => undefined,
  };
}

/** Never answers; gives up when told to. */
export const hang = (signal: AbortSignal): Promise<DeliveryResult> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(refused('timeout')));
  });

export const titles = (documents: readonly AlertDocument[]): string[] => documents.map(({ message }) => message);

export const calm = { lagging: false };

export type Answer = (command: EnforcementCommand, signal: AbortSignal) => DeliveryResult | Promise<DeliveryResult>;

/** An enforcement to be started over a ledger, a clock and a receiver that outlive it. */
export function world(answer: Answer = () => acknowledged) {
  const clock = createVirtualClock(TEN);
  const lines: Outcome[] = [];
  const documents: AlertDocument[] = [];
  const enforcer = scriptedEnforcer(clock.now, answer);
  const start = (over: Partial<EnforcementOptions> = {}) =>
    startEnforcement({
      ledger: memoryLedger(lines),
      enforcer,
      clock,
      random: () => 0.5,
      config: enforceConfig(),
      notices: async (more) => void documents.push(...more),
      telemetry: createNoTelemetry(),
      ...over,
    });
  return { clock, lines, documents, enforcer, attempts: enforcer.attempts, start };
}

export const requests = (count: number, prefix = '') =>
  Array.from({ length: count }, (_, i) => actionRequest({ id: `${prefix}r-${i}`, key: `${prefix}k-${i}` }));
export const states = (lines: readonly Outcome[]) => lines.map(({ state }) => state);
export const types = (attempts: readonly { command: EnforcementCommand }[]) =>
  attempts.map(({ command }) => command.type);
