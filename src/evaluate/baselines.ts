import { uniform } from './bootstrap';
import { rareRule } from './rare';
import { HOUR, type ScoredAlert } from './types';

/** What the baseline rules need of a request. */
export interface BaselineEvent {
  readonly key: string;
  readonly ts: number;
  readonly ip: string;
  readonly userAgent: string;
}

/** A rule that looks at the requests one by one, in log order, and gathers its alerts. */
export interface BaselineRule<E extends BaselineEvent> {
  see(event: E): void;
  readonly alerts: readonly ScoredAlert[];
}

/**
 * Alerts at the first request of a key with a value it has not shown before. A value of '' is unknown: it never alerts.
 * The first value of a key alerts too; the warm-up of the evaluation takes care of most of those.
 */
export function newValueRule<E extends BaselineEvent>(factOf: (event: E) => string): BaselineRule<E> {
  const seen = new Map<string, Set<string>>();
  const alerts: ScoredAlert[] = [];
  return {
    alerts,
    see(event) {
      const value = factOf(event);
      if (value === '') return;
      let values = seen.get(event.key);
      if (values === undefined) {
        values = new Set();
        seen.set(event.key, values);
      }
      if (values.has(value)) return;
      values.add(value);
      alerts.push({ key: event.key, ts: event.ts, score: 1 });
    },
  };
}

/** `newValueRule` over events at hand. */
export function newValue<E extends BaselineEvent>(events: Iterable<E>, factOf: (event: E) => string): ScoredAlert[] {
  return run(newValueRule(factOf), events);
}

function run<E extends BaselineEvent>(rule: BaselineRule<E>, events: Iterable<E>): ScoredAlert[] {
  for (const event of events) rule.see(event);
  return [...rule.alerts];
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
export function coinRule(seed: number): BaselineRule<BaselineEvent> {
  const random = uniform(seed);
  const hours = new Map<string, number>();
  const alerts: ScoredAlert[] = [];
  return {
    alerts,
    see({ key, ts }) {
      const hour = Math.floor(ts / HOUR);
      if (hours.get(key) === hour) return;
      hours.set(key, hour);
      alerts.push({ key, ts, score: random() });
    },
  };
}

/** `coinRule` over events at hand. */
export function coin(events: Iterable<BaselineEvent>, seed: number): ScoredAlert[] {
  return run(coinRule(seed), events);
}

/** The rules that every report prints beside its own result. `countryOf` gives '' for an unknown place. */
export function baselineRules<E extends BaselineEvent>(
  countryOf: (event: E) => string,
  seed: number,
): ReadonlyMap<string, BaselineRule<E>> {
  return new Map<string, BaselineRule<E>>([
    ['new country', newValueRule(countryOf)],
    ['new /16', newValueRule((event) => network16(event.ip))],
    ['new agent', newValueRule((event) => event.userAgent)],
    ['rare', rareRule<E>([countryOf, (event) => network16(event.ip), (event) => event.userAgent])],
    ['coin', coinRule(seed)],
  ]);
}

/** `baselineRules` over events at hand: the alerts of each. */
export function baselines<E extends BaselineEvent>(
  events: readonly E[],
  countryOf: (event: E) => string,
  seed: number,
): ReadonlyMap<string, readonly ScoredAlert[]> {
  const rules = baselineRules(countryOf, seed);
  return new Map([...rules].map(([name, rule]) => [name, run(rule, events)]));
}
