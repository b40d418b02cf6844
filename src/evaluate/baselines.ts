import { uniform } from './bootstrap';
import { HOUR, type ScoredAlert } from './types';

/** What the baseline rules need of a request. */
export interface BaselineEvent {
  readonly key: string;
  readonly ts: number;
  readonly ip: string;
  readonly userAgent: string;
}

/**
 * Alerts at the first request of a key with a value it has not shown before. A value of '' is unknown: it never alerts.
 * The first value of a key alerts too; the warm-up of the evaluation takes care of most of those.
 */
export function newValue<E extends BaselineEvent>(events: Iterable<E>, factOf: (event: E) => string): ScoredAlert[] {
  const seen = new Set<string>();
  const alerts: ScoredAlert[] = [];
  for (const event of events) {
    const value = factOf(event);
    if (value === '') continue;
    const fact = `${event.key}\u0000${value}`;
    if (seen.has(fact)) continue;
    seen.add(fact);
    alerts.push({ key: event.key, ts: event.ts, score: 1 });
  }
  return alerts;
}

/** The /16 of an IPv4 address, the first 32 bits of an IPv6 address in canonical text, '' for anything else. */
export function network16(ip: string): string {
  if (ip.includes(':')) {
    const [high = '', low = ''] = ip.split(':');
    return high === '' ? '' : `${high}:${low === '' ? '0' : low}`;
  }
  const parts = ip.split('.');
  return parts.length === 4 ? `${parts[0]}.${parts[1]}` : '';
}

/**
 * A coin tossed at the first request of every hour in which a key is active: the score is uniform, so that a threshold
 * is one minus the chance to alert. What any detector must beat.
 */
export function coin(events: Iterable<BaselineEvent>, seed: number): ScoredAlert[] {
  const random = uniform(seed);
  const hours = new Map<string, number>();
  const alerts: ScoredAlert[] = [];
  for (const { key, ts } of events) {
    const hour = Math.floor(ts / HOUR);
    if (hours.get(key) === hour) continue;
    hours.set(key, hour);
    alerts.push({ key, ts, score: random() });
  }
  return alerts;
}

/** The rules that every report prints beside its own result. `countryOf` gives '' for an unknown place. */
export function baselines<E extends BaselineEvent>(
  events: readonly E[],
  countryOf: (event: E) => string,
  seed: number,
): ReadonlyMap<string, readonly ScoredAlert[]> {
  return new Map([
    ['new country', newValue(events, countryOf)],
    ['new /16', newValue(events, (event) => network16(event.ip))],
    ['new agent', newValue(events, (event) => event.userAgent)],
    ['coin', coin(events, seed)],
  ]);
}
